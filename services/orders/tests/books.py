"""An account that is told commands, as the handler would tell them."""

from collections.abc import Sequence
from typing import TypeVar

from services.orders.domain.account import ACCOUNT
from services.orders.domain.commands import (
    AccountCommand,
    AllocatePayment,
    FreeOrder,
    LiftHold,
    OpenAccount,
    RecheckOrder,
)
from services.orders.domain.events import AccountEvent, PaymentResumed
from services.orders.domain.ledger import Account, Owed
from services.orders.tests.samples import NOW, P1, cny, enrolled, limited, money
from shared.contracts.orders import Allocation, PaymentAllocated, PaymentReceived

E = TypeVar("E")


class Book:
    """`tell` answers with the facts of the last command; what resumes is told at once."""

    def __init__(self, limit: str | int | None = None) -> None:
        self.account: Account = ACCOUNT.initial
        self.facts: list[AccountEvent] = []
        if limit is not None:
            self.tell(enrolled(), limited(limit))

    def tell(self, *commands: AccountCommand) -> Sequence[AccountEvent]:
        facts: Sequence[AccountEvent] = ()
        for command in commands:
            facts = ACCOUNT.decide(command, self.account)
            for fact in facts:
                self.account = ACCOUNT.evolve(self.account, fact)
            self.facts += facts
            for fact in facts:
                if isinstance(fact, PaymentResumed):
                    again = AllocatePayment(
                        payment=fact.payment, origin=fact.origin, until=fact.until, at=NOW
                    )
                    facts = [*facts, *self.tell(again)]
        return facts

    def open(self, receivables: str, unapplied: str) -> None:
        opening = OpenAccount(
            partner_id=P1, receivables=cny(receivables), unapplied=cny(unapplied), at=NOW
        )
        self.tell(opening)

    def cancel(self, order_id: str) -> Sequence[AccountEvent]:
        return self.tell(FreeOrder(partner_id=P1, order_id=order_id, at=NOW))

    def reopen(self, order_id: str, round_: int = 3) -> Sequence[AccountEvent]:
        return self.tell(RecheckOrder(partner_id=P1, order_id=order_id, round=round_, at=NOW))

    def lift(self, order_id: str, reason: str) -> Sequence[AccountEvent]:
        return self.tell(LiftHold(partner_id=P1, order_id=order_id, reason=reason, at=NOW))

    def owed(self, order_id: str) -> Owed:
        return self.account.orders[order_id]

    def confirmed(self, order_id: str) -> bool:
        return self.owed(order_id).confirmed

    def reasons(self, order_id: str) -> tuple[str, ...]:
        return self.owed(order_id).reasons

    def short_by(self, order_id: str) -> str:
        return str(self.account.money(self.account.short_by(self.owed(order_id))).amount)

    @property
    def available(self) -> str:
        return str(self.account.money(self.account.available).amount)

    def last(self, document_no: str) -> PaymentReceived | PaymentAllocated:
        """The allocation of a payment that counts: its highest revision."""
        payment_id = money(document_no, 1).payment_id
        told = [f for f in self.facts if isinstance(f, PaymentReceived | PaymentAllocated)]
        return max(
            (fact for fact in told if fact.payment_id == payment_id), key=lambda f: f.revision
        )

    def taken(self, document_no: str) -> dict[str, str]:
        return {one.order_id: str(one.amount.amount) for one in self.last(document_no).allocations}


def lines(allocation: Allocation) -> dict[str, tuple[str, str]]:
    return {
        one.product_line: (str(one.amount.amount), str(one.net.amount)) for one in allocation.lines
    }


def of(facts: Sequence[AccountEvent], kind: type[E]) -> list[E]:
    return [fact for fact in facts if isinstance(fact, kind)]
