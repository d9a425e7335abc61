"""What Faust is not trusted with: a batch is acknowledged when all of it is done, or never."""

from collections.abc import AsyncIterator, Awaitable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from faust.types.enums import ProcessingGuarantee

from services.forecast.streams import STREAM
from shared.adapters.faust.flow import Flow
from shared.adapters.kafka.link import Link
from shared.adapters.kafka.names import Names
from shared.kernel.errors import PortFailed


@dataclass
class Batches:
    """A stream of Faust as far as an agent uses it."""

    events: list[list[str]]
    acked: list[str] = field(default_factory=list)

    async def noack_take(self, most: int, within: float) -> AsyncIterator[list[str]]:
        for events in self.events:
            yield events

    async def ack(self, event: str) -> None:
        self.acked.append(event)


@pytest.fixture
async def flow(tmp_path: Path) -> Flow:
    return Flow(STREAM, Link(servers="127.0.0.1:1"), Names("t."), tmp_path)


async def test_a_batch_is_acknowledged_when_what_it_sent_is_confirmed(flow: Flow) -> None:
    said = []

    async def confirmed(event: str) -> None:
        said.append((event, list(batches.acked)))

    async def each(event: Any) -> list[Awaitable[Any]]:
        return [confirmed(event)]

    batches = Batches([["a", "b"], ["c"]])
    await flow._in_batches(each)(batches)  # type: ignore[arg-type]
    assert said == [("a", []), ("b", []), ("c", ["a", "b"])]
    assert batches.acked == ["a", "b", "c"]


async def test_nothing_of_a_batch_that_fails_is_acknowledged_and_the_worker_ends(
    flow: Flow,
) -> None:
    async def lost() -> None:
        raise PortFailed("the broker says no")

    async def each(event: Any) -> list[Awaitable[Any]]:
        return [lost()] if event == "b" else []

    batches = Batches([["a", "b", "c"], ["d"]])
    with pytest.raises(PortFailed):
        await flow._in_batches(each)(batches)  # type: ignore[arg-type]
    assert batches.acked == []
    with pytest.raises(PortFailed, match="the broker says no"):
        flow.check()


async def test_its_topics_are_its_own_and_named_behind_the_prefix(flow: Flow) -> None:
    own = [topic.name for topic in flow.topics(6)]
    assert own == [
        "qudao.forecast.stream-grouped",
        "qudao.forecast.stream-things-changelog",
        "qudao.forecast.stream-parts-changelog",
    ]
    tables = {table.changelog_topic_name for table in flow.app.tables.values()}
    assert {f"t.{name}" for name in own} == {flow.grouped, *tables}
    told = ("Received", "Allocated", "Refunded", "Reversed")
    assert flow.sources == [f"t.Payment{what}" for what in told]


async def test_faust_is_set_as_its_faults_ask_for(flow: Flow) -> None:
    conf = flow.app.conf
    assert conf.processing_guarantee == ProcessingGuarantee.AT_LEAST_ONCE  # type: ignore[comparison-overlap]
    assert {agent.concurrency for agent in flow.app.agents.values()} == {1}
    assert (conf.key_serializer, conf.value_serializer) == ("raw", "raw")
    tables = flow.app.tables.values()
    assert {(table.key_serializer, table.value_serializer) for table in tables} == {("raw", "raw")}
    assert not conf.web_enabled
    assert not conf.topic_allow_declare
    assert conf.topic_disable_leader
