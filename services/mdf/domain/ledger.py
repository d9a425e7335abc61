"""What a fund holds: its balances follow from its requests and claims (M-01, rulings m1 … m7).

available = allocated − paid − expired − transferred − committed − pending.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Literal

from immutables import Map

from shared.contracts.calendar import end_of
from shared.contracts.mdf import MdfApproved, MdfFundAllocated, MdfRequested
from shared.contracts.money import Money, total
from shared.kernel.approvals import Approval
from shared.kernel.errors import NotFound

ClaimStatus = Literal["submitted", "approved", "rejected", "paid"]
Status = Literal[
    "submitted", "approved", "closed", "rejected", "returned", "lapsed", "recalled", "withdrawn"
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """`amount` is the cost claimed until it is approved, then what is to be paid."""

    claim_id: str
    amount: Money
    status: ClaimStatus = "submitted"

    @property
    def open(self) -> bool:
        return self.status in {"submitted", "approved"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    asked: MdfRequested
    approval: Approval
    status: Status = "submitted"
    approved: MdfApproved | None = None
    released: Money
    claims: "Map[str, Claimed]" = field(default_factory=Map)

    @property
    def zero(self) -> Money:
        return Money.zero(self.asked.amount.currency)

    @property
    def pending(self) -> Money:
        return self.asked.amount if self.status == "submitted" else self.zero

    @property
    def committed(self) -> Money:
        if self.status != "approved" or self.approved is None:
            return self.zero
        return self.approved.amount - self.released - self.sum("paid")

    @property
    def rest(self) -> Money:
        """What a claim may still be approved for."""
        return self.committed - self.sum("approved")

    @property
    def unclaimed(self) -> Money:
        """What would be left if every open claim were approved as far as it can be."""
        return self.rest - min(self.wished, self.rest)

    @property
    def wished(self) -> Money:
        return total(
            (self.part(one.amount) for one in self.of("submitted")), self.asked.amount.currency
        )

    @property
    def deadline(self) -> datetime | None:
        """The first instant that is too late for a claim (ruling m6)."""
        return end_of(self.approved.claim_until) if self.approved else None

    def part(self, cost: Money) -> Money:
        """The maker's share of a cost, rounded once (M-02)."""
        return Money(self.asked.share * cost.amount, cost.currency).rounded()

    def of(self, status: ClaimStatus) -> Iterator[Claimed]:
        return (one for one in self.claims.values() if one.status == status)

    def sum(self, status: ClaimStatus) -> Money:
        return total((one.amount for one in self.of(status)), self.asked.amount.currency)

    def claim(self, claim_id: str) -> Claimed:
        if claim_id not in self.claims:
            raise NotFound("claim-not-found")
        return self.claims[claim_id]

    def with_claim(self, claim: Claimed) -> "Request":
        return replace(self, claims=self.claims.set(claim.claim_id, claim))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fund:
    """`carried_in` may come before the fund itself. `taken` is the accrual's version, from 0."""

    told: MdfFundAllocated | None = None
    carried_in: "Map[str, Money]" = field(default_factory=Map)
    taken: int = -1
    ended: str | None = None
    expired: Decimal = Decimal(0)
    transferred: Decimal = Decimal(0)
    requests: "Map[str, Request]" = field(default_factory=Map)

    @property
    def known(self) -> MdfFundAllocated:
        if self.told is None:
            raise NotFound("fund-not-found", "allocate it first")
        return self.told

    @property
    def currency(self) -> str:
        return self.known.amount.currency

    @property
    def allocated(self) -> Money:
        return self.known.amount + total(self.carried_in.values(), self.currency)

    @property
    def paid(self) -> Money:
        return total((one.sum("paid") for one in self.requests.values()), self.currency)

    @property
    def committed(self) -> Money:
        return total((one.committed for one in self.requests.values()), self.currency)

    @property
    def pending(self) -> Money:
        return total((one.pending for one in self.requests.values()), self.currency)

    @property
    def actual(self) -> Money:
        """M invariant: what was carried over counts as transferred."""
        gone = Money(self.expired + self.transferred, self.currency)
        return self.allocated - self.paid - gone

    @property
    def available(self) -> Money:
        return self.actual - self.committed - self.pending

    def request(self, request_id: str) -> Request:
        if request_id not in self.requests:
            raise NotFound("request-not-found")
        return self.requests[request_id]

    def with_request(self, request: Request) -> "Fund":
        return replace(self, requests=self.requests.set(request.asked.request_id, request))
