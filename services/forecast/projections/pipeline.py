"""Opportunities with all their versions, what people said of their periods, what was published."""

from collections.abc import Iterable

from services.forecast.domain.events import ForecastAdjusted, OpportunityRecorded
from shared.contracts.event import Envelope
from shared.contracts.forecast import ForecastPublished, ForecastSubmitted
from shared.kernel.codec import document
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

StatementEvent = ForecastSubmitted | ForecastAdjusted
VERSION = ("category", "stage", "probability", "amount", "closes", "occurred_at", "recorded_at")
WHERE = ("opportunity_id", "partner_id", "region", "product_line")


def by_opportunity(fact: OpportunityRecorded, _: Envelope) -> Iterable[str]:
    return [fact.opportunity_id]


def versioned(
    _: str, before: Document | None, fact: OpportunityRecorded, __: Envelope
) -> Document:
    """Every version that was told, by its place in the opportunity's stream: a set, in no order.

    Where it belongs is what the latest says. A past forecast is folded from the versions.
    """
    told = document(fact)
    version = {name: told[name] for name in VERSION}
    versions = {**(before or {"versions": {}})["versions"], str(fact.place): version}
    if max(versions, key=int) != str(fact.place):
        return {**(before or {}), "versions": versions}
    return {**{name: told[name] for name in WHERE}, "versions": versions}


def by_stream(_: StatementEvent, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def stated(_: str, before: Document | None, fact: StatementEvent, envelope: Envelope) -> Document:
    """`told`: all that anybody ever said, with his level and when; the last of a level counts."""
    said = {
        "level": "partner" if isinstance(fact, ForecastSubmitted) else fact.level,
        "mode": fact.mode,
        "value": document(fact.value),
        "base": document(fact.base),
        "by": envelope.actor,
        "at": document(envelope.time),
    }
    return {
        "partner_id": fact.partner_id,
        "period": fact.period,
        "currency": fact.value.currency,
        "told": [*(before or {"told": []})["told"], said],
    }


def by_period(fact: ForecastPublished, envelope: Envelope) -> Iterable[str]:
    return [f"{envelope.subject}/{fact.period}/{fact.week.isoformat()}"]


def published(
    _: str, __: Document | None, fact: ForecastPublished, envelope: Envelope
) -> Document:
    told = document(fact)
    return {
        **told,
        **told["scope"],
        "currency": fact.commit.currency,
        "stream": envelope.subject,
        "published_at": document(envelope.time),
    }


OPPORTUNITIES = Projection(
    name="forecast.opportunities",
    version=2,
    facts=(OpportunityRecorded,),
    keys=by_opportunity,
    fold=versioned,
    indexes=(Index("partner_id"), Index("region"), Index("product_line")),
    partner_field="partner_id",
)
STATEMENTS: Projection[StatementEvent] = Projection(
    name="forecast.statements",
    version=2,
    facts=(ForecastSubmitted, ForecastAdjusted),
    keys=by_stream,
    fold=stated,
    indexes=(Index("partner_id"), Index("period"), Index("currency")),
)
"""No partner reads it as it is: it holds what stands above a partner's own word."""
PUBLICATIONS = Projection(
    name="forecast.publications",
    facts=(ForecastPublished,),
    keys=by_period,
    fold=published,
    indexes=(Index("stream"), Index("period"), Index("week"), Index("partner_id")),
    partner_field="partner_id",
)
