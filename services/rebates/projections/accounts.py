"""Where does every account stand?"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from services.rebates.domain.account import ACCOUNT, AccountEvent, account_id
from services.rebates.domain.events import AccountKey, RebateAccountOpened, RebateTermsTaken, Schedule
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
        "tier": tier and {"from": document(Money(tier.threshold, currency)), "rate": str(tier.rate)},
    }


def _closes(schedule: Schedule) -> Document:
    """The last day that counts: every notice prints it (ruling g2)."""
    return {"closes_on": business_day(schedule.cut_off - INSTANT).isoformat()}


def _booked(settled: Money | None, adjusted: Money) -> Document:
    return {
        "status": "settled" if settled else "open",
        "settled": document(settled),
        "adjusted": document(adjusted),
    }
