"""Where does every account stand?"""

from collections.abc import Iterable
from datetime import timedelta
from typing import get_args

from services.rebates.domain.account import AccountEvent, account_id
from services.rebates.domain.events import (
    AccountKey,
    RebateAccountOpened,
    RebateTermsTaken,
    Schedule,
)
from services.rebates.domain.standing import Standing
from services.rebates.domain.statements import standing_of
from shared.contracts.calendar import business_day
from shared.contracts.event import Envelope
from shared.contracts.money import Money
from shared.contracts.rebates import RebateAccrued, RebateAdjusted, RebateSettled
from shared.kernel.codec import document, restored
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection

INSTANT = timedelta(microseconds=1)


def item(
    key: AccountKey, schedule: Schedule, standing: Standing, booked: tuple[Money | None, Money]
) -> Document:
    """An account as it is listed; `booked` is what was settled, and what was adjusted since."""
    return {
        "account_id": account_id(key),
        "programme_id": key.programme_id,
        "partner_id": key.partner_id,
        "period": key.period,
        "partition": key.partition,
        **_stands(standing),
        **_closes(schedule),
        **_booked(*booked),
    }


def place(row: Document) -> str:
    """Sorts like (partner, period, partition, programme): the separator is below every letter."""
    names = ("partner_id", "period", "partition", "programme_id")
    return "\x1f".join(str(row[name]) for name in names)


def shown(row: Document) -> Document:
    return {name: value for name, value in row.items() if name != "place"}


def _stands(standing: Standing) -> Document:
    tier, currency = standing.tier, standing.volume.currency
    return {
        "version": standing.version,
        "volume": document(standing.volume),
        "entitlement": document(standing.entitlement),
        "tier": tier
        and {"from": document(Money(tier.threshold, currency)), "rate": str(tier.rate)},
    }


def _closes(schedule: Schedule) -> Document:
    """The last day that counts: every notice prints it (ruling g2)."""
    return {"closes_on": business_day(schedule.cut_off - INSTANT).isoformat()}


def _booked(settled: Money | None, adjusted: Money) -> Document:
    return {
        "status": "open" if settled is None else "settled",
        "settled": document(settled),
        "adjusted": document(adjusted),
    }


def by_account(_: AccountEvent, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def fold(_: str, row: Document | None, fact: AccountEvent, __: Envelope) -> Document | None:
    match fact, row:
        case RebateAccountOpened(), _:
            zero = Standing.zero(fact.currency, fact.version)
            opened = item(fact.key, fact.schedule, zero, (None, zero.entitlement))
            return opened | {"place": place(opened)}
        case RebateTermsTaken(), dict():
            return row | _closes(fact.schedule)
        case RebateAccrued(), dict():
            return row | _stands(standing_of(fact))
        case RebateSettled(), dict():
            return row | _booked(fact.amount, fact.amount - fact.amount)
        case RebateAdjusted(), dict():
            adjusted: Money = restored(row["adjusted"], Money) + fact.amount
            return row | {"adjusted": document(adjusted)}
        case _:
            return row


ACCOUNTS: Projection[AccountEvent] = Projection(
    name="rebates.accounts",
    facts=get_args(AccountEvent),
    keys=by_account,
    fold=fold,
    indexes=(
        Index("place"),
        Index("programme_id"),
        Index("partner_id"),
        Index("period"),
        Index("partition"),
        Index("status"),
    ),
    partner_field="partner_id",
)
