"""What a partner has paid in a calendar year: net money allocated to product lines.

The measure is *collected*, the rebates' default basis: net of VAT, counted when it is allocated,
in the month of its `paid_on`, without what a refund or a reversal took from it since; goods that
come back move nothing until their money does. `orders` tells a payment again and again, each time
whole and with a higher revision, and the bus tells it in any order; the stream keeps the highest
and records what it changes, so that a view needs only sums. A payment never changes its `paid_on`,
so one year's stream sees all of it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from uuid import UUID

from immutables import Map

from services.forecast.domain.commands import RecordActual
from services.forecast.domain.events import ActualRecorded, Piece
from shared.contracts.ids import named
from shared.contracts.money import Money
from shared.kernel.decider import Aggregate, Decider


@dataclass(frozen=True, slots=True)
class Payment:
    revision: int = 0
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Actuals:
    payments: Map[UUID, Payment] = field(default_factory=Map)


def decide(command: RecordActual, actuals: Actuals) -> list[ActualRecorded]:
    known = actuals.payments.get(command.payment_id, Payment())
    if command.revision <= known.revision:
        return []
    before = [replace(piece, net=-piece.net) for piece in known.pieces]
    return [
        ActualRecorded(
            partner_id=command.partner_id,
            payment_id=command.payment_id,
            paid_on=command.paid_on,
            revision=command.revision,
            deltas=summed([*command.pieces, *before]),
            fact_id=command.fact_id,
            recorded_at=command.recorded_at,
        )
    ]


def evolve(actuals: Actuals, fact: ActualRecorded) -> Actuals:
    known = actuals.payments.get(fact.payment_id, Payment())
    now = Payment(fact.revision, summed([*known.pieces, *fact.deltas]))
    return Actuals(actuals.payments.set(fact.payment_id, now))


def summed(pieces: Iterable[Piece]) -> tuple[Piece, ...]:
    """One piece per product line, currency and region, in that order, without those of 0."""
    sums: defaultdict[tuple[str, str, str], list[Money]] = defaultdict(list)
    for piece in pieces:
        sums[piece.product_line, piece.net.currency, piece.region].append(piece.net)
    totals = [
        Piece(product_line=line, net=sum(nets, Money.zero(of)), region=region)
        for (line, of, region), nets in sorted(sums.items())
    ]
    return tuple(piece for piece in totals if piece.net)


def actuals_stream(partner_id: str, year: int) -> str:
    return f"forecast.actuals-{named(partner_id, year)}"


DECIDER: Decider[RecordActual, Actuals, ActualRecorded] = Decider(decide, evolve, Actuals())
ACTUALS = Aggregate(name="actuals", decider=DECIDER, facts=(ActualRecorded,))
