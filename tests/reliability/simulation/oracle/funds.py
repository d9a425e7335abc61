"""Market funds, told again from their facts: never more is promised than there is.

available = allocated + carried in - paid - expired - carried over - committed - pending.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.reliability.simulation.oracle.accounts import Account
from tests.reliability.simulation.oracle.told import ZERO, Told, amount, never

CENT = Decimal("0.01")


@dataclass(slots=True)
class Request:
    asked: Decimal
    status: str = "submitted"
    approved: Decimal = ZERO
    released: Decimal = ZERO
    claims: dict[str, tuple[str, Decimal]] = field(default_factory=dict)  # status, amount

    @property
    def pending(self) -> Decimal:
        return self.asked if self.status == "submitted" else ZERO

    def sum(self, *statuses: str) -> Decimal:
        return sum((much for status, much in self.claims.values() if status in statuses), ZERO)

    @property
    def committed(self) -> Decimal:
        return self.approved - self.released - self.sum("paid")


@dataclass(slots=True)
class Fund:
    told: Any = None
    allocated: Decimal = ZERO
    carried_in: dict[str, Decimal] = field(default_factory=dict)
    gone: Decimal = ZERO  # expired, and carried over
    ended: bool = False
    requests: dict[str, Request] = field(default_factory=dict)

    @property
    def earned(self) -> Any:
        return self.told["terms"]["accrual"] if self.told else None

    @property
    def available(self) -> Decimal:
        promised = (
            one.pending + one.committed + one.sum("paid") for one in self.requests.values()
        )
        return (
            self.allocated + sum(self.carried_in.values(), ZERO) - self.gone - sum(promised, ZERO)
        )


@dataclass(slots=True)
class Funds:
    funds: dict[str, Fund] = field(default_factory=dict)
    carried: dict[tuple[str, str], Decimal] = field(default_factory=dict)  # from, to
    shown: dict[str, str] = field(default_factory=dict)  # evidence: whose claim has it

    def see(self, fact: Told) -> None:
        if fact.envelope.subject.startswith("mdf.fund-"):
            fund = self.funds.setdefault(fact.id, Fund())
            self._money(fact, fund)
            self._asked(fact, fund)
            promises = fact.type in {"MdfRequested", "MdfApproved"}
            over = fund.available < 0 and (promises or not fund.earned)
            never(over, f"{fact.id}: {fund.available} is available after {fact.type}")
        elif fact.type in {"EvidenceTaken", "EvidenceFreed"}:
            self._shown(fact)

    def _money(self, fact: Told, fund: Fund) -> None:
        data = fact.data
        match fact.type:
            case "MdfFundAllocated":
                revision = fund.told["revision"] + 1 if fund.told else 1
                never(data["revision"] != revision, f"{fact.id}: revision {data['revision']}")
                fund.told, fund.allocated = data, amount(data["amount"])
            case "CarryOverReceived":
                came = data["from_fund_id"]
                never(came in fund.carried_in, f"{fact.id} takes twice what {came} left")
                fund.carried_in[came] = amount(data["amount"])
            case "FundEnded":
                never(fund.ended, f"{fact.id} ends twice")
                fund.ended = True
            case "MdfExpired":
                fund.gone += amount(data["amount"])
            case "MdfCarriedOver":
                fund.gone += amount(data["amount"])
                self.carried[fact.id, data["to_fund_id"]] = amount(data["amount"])

    def _asked(self, fact: Told, fund: Fund) -> None:
        data = fact.data
        if fact.type == "MdfRequested":
            never(fund.ended, f"{fact.id} has ended, and takes {data['request_id']}")
            fund.requests[data["request_id"]] = Request(amount(data["amount"]))
        if (request := fund.requests.get(data.get("request_id", ""))) is None:
            return
        match fact.type:
            case "MdfApproved":
                never(request.status != "submitted", f"{data} is approved, being {request.status}")
                request.status, request.approved = "approved", amount(data["amount"])
                never(request.approved > request.asked, f"{data} approves more than was asked")
            case "MdfReleased":
                request.released += amount(data["amount"])
                request.status = "closed" if data["closes"] else request.status
                left = request.committed
                never(data["closes"] and left != 0, f"{data} closes, and {left} is committed")
            case "MdfRejected" if data["claim_id"] is None:
                never(request.status != "submitted", f"{data} falls, being {request.status}")
                request.status = data["outcome"]
            case _:
                self._claimed(fact, request)

    def _claimed(self, fact: Told, request: Request) -> None:
        data, claim = fact.data, fact.data.get("claim_id")
        if claim is None:
            return
        status = request.claims.get(claim, ("new", ZERO))[0]
        match fact.type:
            case "MdfClaimed":
                never(status != "new", f"{claim} is claimed twice")
                request.claims[claim] = "submitted", amount(data["amount"])
            case "MdfRejected":
                never(status not in {"submitted", "approved"}, f"{claim} falls, being {status}")
                request.claims[claim] = "rejected", ZERO
            case "MdfClaimApproved":
                never(status != "submitted", f"{claim} is approved, being {status}")
                request.claims[claim] = "approved", amount(data["amount"])
                over = request.committed < request.sum("approved")
                never(over, f"{claim}: more is approved than is committed")
            case "MdfPaid":
                known = request.claims.get(claim)
                never(known != ("approved", amount(data["amount"])), f"{claim} is paid as {known}")
                request.claims[claim] = "paid", amount(data["amount"])

    def _shown(self, fact: Told) -> None:
        """One claim has it at a time (M-07)."""
        key = fact.data["key"]
        if fact.type == "EvidenceFreed":
            never(self.shown.pop(key, None) != fact.data["claim_id"], f"{key} is freed by another")
            return
        never(key in self.shown, f"{key} is taken by two")
        self.shown[key] = fact.data["use"]["claim_id"]

    def judge(self, accounts: Iterable[Account]) -> dict[str, int]:
        """What left a fund came into another; what was earned is what was collected."""
        for fund_id, fund in self.funds.items():
            left = fund.available
            never(fund.ended and left > 0, f"{fund_id} has ended with {left}")
            came = {one[0]: much for one, much in self.carried.items() if one[1] == fund_id}
            never(came != fund.carried_in, f"{fund_id} got {fund.carried_in} of {came}")
            if accrual := fund.earned:
                due = _earned(accrual, fund.told["partner_id"], accounts)
                never(fund.allocated != due, f"{fund_id} holds {fund.allocated}, earned {due}")
        every = [one for fund in self.funds.values() for one in fund.requests.values()]
        return {
            "requests of funds": len(every),
            "claims of funds": sum(len(one.claims) for one in every),
            "of them paid": sum(s == "paid" for one in every for s, _ in one.claims.values()),
        }


def _earned(accrual: Any, partner: str, accounts: Iterable[Account]) -> Decimal:
    """All that orders have of its payments, net: every day of a story lies in the half year."""
    mine = [paid for one in accounts if one.partner == partner for paid in one.payments.values()]
    net = sum((much for paid in mine for _, much in paid.lines), ZERO)
    return (Decimal(accrual["rate"]) * net).quantize(CENT, ROUND_HALF_UP)
