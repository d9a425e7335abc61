"""Settlement: an hour or so after the cut-off, or when someone asks; once its inputs are read."""

from collections.abc import AsyncIterator, Iterator

from services.rebates.domain.account import Absent, Account, account_id, account_stream
from services.rebates.domain.events import (
    AccountKey,
    RebateAccountOpened,
    RebateSettlementRequested,
    RebateTermsTaken,
)
from services.rebates.domain.ledger import Ledger, ledger_stream
from services.rebates.domain.periods import days_of, year_of
from services.rebates.domain.programme import PROGRAMME, Programme, programme_stream
from services.rebates.domain.rules import Tally
from services.rebates.projections.accounts import ACCOUNTS
from services.rebates.projections.knowledge import case_of, key_of, ledgers, rules
from shared.contracts.event import Envelope
from shared.contracts.rebates import RebateSettled
from shared.kernel.paging import every
from shared.kernel.policy import Asked, Read
from shared.kernel.ports import Condition
from shared.kernel.timer import ClearTimer, Due, SetTimer, Timers

NAME = "settlement"
Scheduling = RebateAccountOpened | RebateTermsTaken | RebateSettled | RebateSettlementRequested


def when(fact: Scheduling, envelope: Envelope) -> Iterator[SetTimer | ClearTimer]:
    match fact:
        case RebateAccountOpened(schedule=schedule) | RebateTermsTaken(schedule=schedule):
            due = schedule.settle_at
            yield SetTimer(NAME, due, after_inputs=True) if due else ClearTimer(NAME)
        case RebateSettled():
            yield ClearTimer(NAME)
        case RebateSettlementRequested(period=period):
            yield SetTimer(f"{NAME}/{period}", envelope.time, after_inputs=True)


async def fire(due: Due, read: Read) -> list[Asked]:
    if due.stream.startswith(f"rebates.{PROGRAMME.name}-"):
        return [asked async for asked in _settle_period(due, read)]
    account: Account = await read.fold(due.stream)
    return [] if isinstance(account, Absent) else [await _settle(account.key, due, read)]


async def _settle_period(due: Due, read: Read) -> AsyncIterator[Asked]:
    """Every account of the period with a piece in a ledger, whether it has accrued or not."""
    programme: Programme = await read.fold(due.stream)
    period = due.name.partition("/")[2]
    keys = {account_id(key): key async for key in _with_a_piece(programme, period, read)}
    where: tuple[Condition, ...] = (
        ("programme_id", "eq", programme.latest.programme_id),
        ("period", "eq", period),
    )
    async for row in every(read, ACCOUNTS.name, *where):
        if row["account_id"] not in keys:  # it had a piece under an older version
            account: Account = await read.fold(f"rebates.account-{row['account_id']}")
            if not isinstance(account, Absent):
                keys[row["account_id"]] = account.key
    for key in keys.values():
        yield await _settle(key, due, read)


async def _with_a_piece(
    programme: Programme, period: str, read: Read
) -> AsyncIterator[AccountKey]:
    async for partner_id, ledger in ledgers(read, ("year", "eq", f"{year_of(period):04}")):
        lens = await rules(read, programme, partner_id)
        for slot in Tally(lens, ledger.between(*days_of(period))).parts:
            if slot.period == period:
                yield key_of(lens, partner_id, slot)


async def _settle(key: AccountKey, due: Due, read: Read) -> Asked:
    programme: Programme = await read.fold(programme_stream(key.programme_id))
    lens = await rules(read, programme, key.partner_id)
    ledger: Ledger = await read.fold(ledger_stream(key.partner_id, year_of(key.period)))
    one = await case_of(read, lens, ledger, key)
    boundary = programme.boundary(key.period, due.due)
    return account_stream(key), one.on_deadline(boundary, due.set_by, due.due)


SETTLEMENT: Timers[Scheduling] = Timers(
    facts=(RebateAccountOpened, RebateTermsTaken, RebateSettled, RebateSettlementRequested),
    set=when,
    fire=fire,
)
