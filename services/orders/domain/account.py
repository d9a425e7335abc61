"""The account of one partner decides credit and allocation: neither is ever wrong for a moment."""

from collections.abc import Sequence

from services.orders.domain import allocation, credit, refunds
from services.orders.domain.commands import (
    AccountCommand,
    AllocatePayment,
    FreeOrder,
    LapsePayment,
    LiftHold,
    OpenAccount,
    RecheckOrder,
    RecordLimit,
    RecordStanding,
    ReduceOrder,
    RefundPayment,
    RegisterOrder,
    ReversePayment,
)
from services.orders.domain.events import (
    AccountEvent,
    LimitRecorded,
    OpeningRecorded,
    StandingRecorded,
)
from services.orders.domain.evolution import Story, evolve
from services.orders.domain.ledger import Account
from services.orders.domain.pricing import BOUND
from shared.contracts.money import Money
from shared.kernel.decider import Decider
from shared.kernel.errors import Malformed, Refused

OrderTold = RegisterOrder | RecheckOrder | LiftHold | FreeOrder | ReduceOrder
MoneyTold = AllocatePayment | LapsePayment | RefundPayment | ReversePayment


def decide(command: AccountCommand, account: Account) -> Sequence[AccountEvent]:
    """The command's own facts, then everything that fits now, then what waited for it."""
    story = Story(account)
    match command:
        case AllocatePayment() | LapsePayment() | RefundPayment() | ReversePayment():
            about_money(story, command)
        case OpenAccount() | RecordLimit() | RecordStanding():
            story.tell(noted(command, account))
        case _:
            about_order(story, command)
    if story.facts:
        credit.release(story, partner_of(command))
        credit.resume(story)
    return story.facts


def about_order(story: Story, command: OrderTold) -> None:
    match command:
        case RegisterOrder():
            credit.register(story, command)
        case RecheckOrder():
            credit.recheck(story, command)
        case LiftHold():
            credit.lift(story, command)
        case FreeOrder():
            credit.free(story, command)
        case ReduceOrder():
            credit.reduce(story, command)


def about_money(story: Story, command: MoneyTold) -> None:
    match command:
        case AllocatePayment():
            allocation.allocate(story, command)
        case LapsePayment():
            allocation.lapse(story, command)
        case RefundPayment():
            refunds.refund(story, command)
        case ReversePayment():
            refunds.reverse(story, command)


def partner_of(command: AccountCommand) -> str:
    if isinstance(command, AllocatePayment):
        return command.payment.partner_id
    return command.partner_id


def noted(command: OpenAccount | RecordLimit | RecordStanding, account: Account) -> AccountEvent:
    match command:
        case OpenAccount():
            return opened(command, account)
        case RecordLimit():
            return LimitRecorded(
                partner_id=command.partner_id,
                limit=command.limit,
                fact_id=command.fact_id,
                recorded_at=command.recorded_at,
                occurred_at=command.at,
                sequence=command.sequence,
            )
        case RecordStanding():
            return StandingRecorded(
                partner_id=command.partner_id,
                standing=command.standing,
                fact_id=command.fact_id,
                recorded_at=command.recorded_at,
                occurred_at=command.at,
                sequence=command.sequence,
            )


def opened(command: OpenAccount, account: Account) -> OpeningRecorded:
    receivables, unapplied = sound_balance(command.receivables), sound_balance(command.unapplied)
    if receivables.currency != unapplied.currency:
        raise Malformed("account-malformed", "an account has one currency")
    if account.opened:
        raise Refused("account-already-opened", "an opening balance is recorded once")
    if account.currency not in {None, command.receivables.currency}:
        raise Refused("account-currency", f"the account is in {account.currency}")
    return OpeningRecorded(
        partner_id=command.partner_id,
        receivables=receivables,
        unapplied=unapplied,
    )


def sound_balance(balance: Money) -> Money:
    if not 0 <= balance.amount < BOUND or balance.rounded() != balance:
        raise Malformed("account-malformed", "balances are 0 or above, in whole minor units")
    return balance.rounded()


ACCOUNT: Decider[AccountCommand, Account, AccountEvent] = Decider(decide, evolve, Account())
