"""`GET /v1/feed`: published facts in the caller's scope, as server-sent events."""

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse
from fastapi.sse import EventSourceResponse
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from pydantic import StringConstraints

from shared.kernel.errors import Refused
from shared.runtime.feed.feed import Feed, Wish
from shared.runtime.http import Who

LONGEST = 8_192  # characters of a cursor: ten times what fifty topics need
Name = Annotated[str, StringConstraints(max_length=100)]
QUIET = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
TOLD: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "events named by their fact, as long as the caller listens",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


def feed_routes(feed: Feed | None) -> APIRouter:
    """None: this gateway was given no bus."""
    router = APIRouter(tags=["feed"])

    @router.get("/feed", response_class=StreamingResponse, responses=TOLD)
    async def follow(
        who: Who,
        type: Annotated[list[Name], Query(description="Facts by name; all, if none.")] = [],  # noqa: B006
        cursor: Annotated[str | None, Query(max_length=LONGEST)] = None,
        last_event_id: Annotated[str | None, Header(max_length=LONGEST)] = None,
    ) -> EventSourceResponse:
        """From now on; or behind `cursor` (an event's id, or `beginning`), or `Last-Event-ID`.

        What is sent is the CloudEvent of the topic; for a partner only its own, and without what
        names others. It ends after 15 minutes: ask again with the last id.
        """
        if feed is None:
            raise Refused("feed-unavailable", "the gateway has no bus: set QUDAO_KAFKA for it")
        wish = Wish(who, frozenset(type), last_event_id or cursor)
        return EventSourceResponse(await feed.opened(wish), headers=QUIET)

    return router


class FeedFigures(Collector):
    """For operations: how many listen, and what they were told."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed

    def collect(self) -> Iterator[Metric]:
        feed = self._feed
        yield GaugeMetricFamily("qudao_feed_readers", "Streams that are open", feed.readers)
        yield CounterMetricFamily("qudao_feed_sent_facts", "Facts sent to readers", feed.sent)
        skipped = feed.tail.catalogue.skipped
        yield CounterMetricFamily("qudao_feed_skipped_records", "No fact of its topic", skipped)
