"""An account: what one partner earns in one period and partition of a programme.

It is open while it accrues, and settled once. What becomes known later is an adjustment: a gain by
late money books at once, everything else is proposed and books when it is approved (ruling r3).
Always: booked + proposed = entitlement.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import get_args

from services.rebates.domain import statements
from services.rebates.domain.commands import ApproveAdjustment, Assess, Settle
from services.rebates.domain.events import (
    AccountKey,
    RebateAccountOpened,
    RebateAdjustmentProposed,
    RebateTermsTaken,
    Schedule,
    Taken,
)
from services.rebates.domain.standing import VERSION, Standing, Step
from services.rebates.domain.terms import Tier
from shared.contracts.ids import named
from shared.contracts.money import Money
from shared.contracts.rebates import (
    RebateAccrued,
    RebateAdjusted,
    RebateSettled,
    RebateTierReached,
)
from shared.kernel.decider import Aggregate, Decider, corrupt
from shared.kernel.errors import NotFound, Refused, StaleVersion

AccountCommand = Assess | Settle | ApproveAdjustment
AccountEvent = (
    RebateAccountOpened
    | RebateTermsTaken
    | RebateAccrued
    | RebateTierReached
    | RebateSettled
    | RebateAdjusted
    | RebateAdjustmentProposed
)


@dataclass(frozen=True, slots=True)
class Absent: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    key: AccountKey
    taken: Taken
    schedule: Schedule
    standing: Standing
    revision: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled(Open):
    """`number` is that of the last settlement or adjustment; `proposed` waits for approval."""

    booked: Money
    number: int
    proposals: int = 0
    proposed: tuple[RebateAdjustmentProposed, ...] = ()


Account = Absent | Open | Settled
Move = Callable[[Account], Sequence[AccountEvent]]


def decide(command: AccountCommand, account: Account) -> list[AccountEvent]:
    match command, account:
        case Assess(), Open(taken=taken) if _outdated(command.taken, taken):
            return []
        case Assess(), Absent() | Open():
            _check_since(command, account)
            return _moved(account, [_take(command), *(_accrue(command, s) for s in command.steps)])
        case Settle(), Settled():
            return []
        case Settle(), Absent() | Open():
            _check_since(command, account)
            return _moved(account, _settlement(command))
        case ApproveAdjustment(proposal=number), Settled():
            return [_approved(number, account)]
        case ApproveAdjustment(), Open():
            raise Refused("adjustment-not-proposed", "nothing is proposed before the settlement")
        case _:
            raise NotFound("account-not-found")


def _outdated(theirs: Taken, mine: Taken) -> bool:
    return theirs == mine or theirs.ledger < mine.ledger


def _check_since(command: Assess | Settle, account: Account) -> None:
    """What was computed from another state is computed again."""
    if command.since != (None if isinstance(account, Absent) else account.taken):
        raise StaleVersion(account_stream(command.key))


def _moved(account: Account, moves: Iterable[Move]) -> list[AccountEvent]:
    """Each move decides on what the moves before it left."""
    facts: list[AccountEvent] = []
    for move in moves:
        for fact in move(account):
            facts.append(fact)
            account = evolve(account, fact)
    return facts


def _settlement(command: Settle) -> Sequence[Move]:
    """Take in all that is known, settle what was due, adjust by what came after."""
    due = Step(standing=command.due, reason=command.due.reason, cause=command.cause)
    path = [due, *command.steps]
    late = [_adjust(command.key, step, before.standing) for before, step in pairwise(path)]
    return [
        _take(command),
        _accrue(command, path[-1]),
        lambda _: [statements.settled(command)],
        *late,
    ]


def _take(command: Assess | Settle) -> Move:
    def move(account: Account) -> Sequence[AccountEvent]:
        match account:
            case Absent():
                return [statements.opened(command)]
            case Open(schedule=schedule, taken=taken):
                taken = replace(taken, ledger=command.taken.ledger)
                same = (schedule, taken) == (command.schedule, command.taken)
                return [] if same else [statements.terms_taken(command)]

    return move


def _accrue(command: Assess | Settle, step: Step) -> Move:
    def move(account: Account) -> Sequence[AccountEvent]:
        if isinstance(account, Absent) or step.standing == account.standing:
            return []
        before, tier = account.standing, step.standing.tier
        facts: list[AccountEvent] = [statements.accrued(command, step, account.revision + 1)]
        if tier and tier.threshold > _threshold(before.tier):
            facts.append(statements.tier_reached(command.key, step, tier))
        return [*facts, *_adjust(command.key, step, before)(account)]

    return move


def _adjust(key: AccountKey, step: Step, before: Standing) -> Move:
    def move(account: Account) -> Sequence[AccountEvent]:
        change = step.standing.entitlement - before.entitlement
        if not isinstance(account, Settled) or not change:
            return []
        if change.amount > 0 and step.reason != VERSION:
            return [statements.adjusted(key, step, change, account.number + 1)]
        return [statements.proposed(key, step, change, account.proposals + 1)]

    return move


def _threshold(tier: Tier | None) -> Decimal:
    return tier.threshold if tier else Decimal(-1)


def _approved(number: int, account: Settled) -> RebateAdjusted:
    for proposed in account.proposed:
        if proposed.proposal == number:
            return statements.approved(proposed, account.number + 1)
    raise Refused("adjustment-not-proposed", f"there is no proposal {number} to approve")


def evolve(account: Account, fact: AccountEvent) -> Account:
    match account, fact:
        case Absent(), RebateAccountOpened():
            zero = Standing.zero(fact.currency, fact.version)
            return Open(key=fact.key, taken=fact.taken, schedule=fact.schedule, standing=zero)
        case Open(), RebateTermsTaken(taken=taken, schedule=schedule):
            return replace(account, taken=taken, schedule=schedule)
        case Open(), RebateAccrued():
            taken = replace(account.taken, ledger=fact.ledger_version)
            standing = statements.standing_of(fact)
            return replace(account, taken=taken, standing=standing, revision=fact.revision)
        case Open(), RebateTierReached():
            return account
        case Settled(), RebateAdjustmentProposed(proposal=number):
            return replace(account, proposals=number, proposed=(*account.proposed, fact))
        case Settled(), RebateAdjusted(number=number, proposal=approved):
            rest = tuple(one for one in account.proposed if one.proposal != approved)
            booked = account.booked + fact.amount
            return replace(account, number=number, booked=booked, proposed=rest)
        case Open(), RebateSettled() if not isinstance(account, Settled):
            return _closed(account, fact)
        case _:
            raise corrupt(account, fact)


def _closed(account: Open, fact: RebateSettled) -> Settled:
    return Settled(
        key=account.key,
        taken=replace(account.taken, ledger=fact.ledger_version),
        schedule=account.schedule,
        standing=account.standing,
        revision=account.revision,
        booked=fact.amount,
        number=fact.number,
    )


@lru_cache(maxsize=4_096)
def account_id(key: AccountKey) -> str:
    return str(named(key.programme_id, key.partner_id, key.period, *key.values))


def account_stream(key: AccountKey) -> str:
    return f"rebates.account-{account_id(key)}"


DECIDER: Decider[AccountCommand, Account, AccountEvent] = Decider(decide, evolve, Absent())
ACCOUNT = Aggregate(name="account", decider=DECIDER, facts=get_args(AccountEvent))
