"""What a partner paid in a half year, net: the basis of its accrued funds (M-06, ruling m7)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from immutables import Map

from services.mdf.domain.commands import RecordCollection
from services.mdf.domain.events import CollectionRecorded
from shared.contracts.money import Money, total
from shared.kernel.decider import Decider

Recorded = tuple[int, tuple[Money, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """`payments` are kept with their highest revision; `nets` is their sum by currency."""

    payments: "Map[UUID, Recorded]" = field(default_factory=Map)
    nets: tuple[Money, ...] = ()
    version: int = 0

    def net(self, currency: str) -> Money:
        return next((one for one in self.nets if one.currency == currency), Money.zero(currency))


def decide(command: RecordCollection, accrual: Accrual) -> list[CollectionRecorded]:
    revision, before = accrual.payments.get(command.payment_id, (0, ()))
    if command.revision <= revision:
        return []
    moved = (*accrual.nets, *(-one for one in before), *command.net)
    return [
        CollectionRecorded(
            partner_id=command.partner_id,
            half=command.half,
            payment_id=command.payment_id,
            revision=command.revision,
            net=summed(command.net),
            nets=summed(moved),
        )
    ]


def summed(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """One for each currency, in the order of their codes."""
    known = tuple(amounts)
    currencies = sorted({one.currency for one in known})
    return tuple(
        total((one for one in known if one.currency == currency), currency)
        for currency in currencies
    )


def evolve(accrual: Accrual, fact: CollectionRecorded) -> Accrual:
    payments = accrual.payments.set(fact.payment_id, (fact.revision, fact.net))
    return Accrual(payments=payments, nets=fact.nets, version=accrual.version + 1)


ACCRUAL: Decider[RecordCollection, Accrual, CollectionRecorded] = Decider(
    decide, evolve, Accrual()
)
