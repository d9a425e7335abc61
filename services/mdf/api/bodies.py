"""The shapes of requests."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from services.mdf.domain.documents import (
    CheckedLine,
    CostLine,
    Invoice,
    Method,
    Requirement,
    TemplateVersion,
)
from services.mdf.domain.halves import half_of, last_day
from shared.contracts.calendar import DAY, Day
from shared.contracts.ids import Id
from shared.contracts.mdf import MdfAccrual, MdfFundTerms
from shared.contracts.money import Amount, Currency, Money
from shared.kernel.errors import Malformed
from shared.runtime.http import Body, Text
from shared.runtime.ruling import CONDITIONS, STEPS, ConditionBody, RuleBody, StepBody

Why = Annotated[str, Field(max_length=500)]
Kind = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
"""A kind of evidence: photo, attendance-list, invoice, receipt, …"""
Count = Annotated[int, Field(ge=1, le=1_000, strict=True)]
Half = Annotated[str, Field(pattern=r"^(19|20)\d\dH[12]$")]
LineNo = Annotated[int, Field(ge=1, le=99_999, strict=True)]
Days = Annotated[int, Field(ge=0, le=730, strict=True)]
TENTH = Decimal("0.1")


class Accrual(Body):
    rate: Amount
    half: Half
    minimum: Money | None = None
    grace_days: Days = 10


class Allocation(Body):
    """Discretionary with an `amount`, or accrued: then it is usable in the half year after."""

    fund_id: Id
    partner_id: Id | None = None
    amount: Money | None = None
    currency: Currency = "CNY"
    starts_on: Day | None = None
    ends_on: Day | None = None
    carry_over: Amount = 2 * TENTH
    claim_days: Days = 45
    successor: Id | None = None
    accrual: Accrual | None = None
    reason: Why = ""

    @property
    def money(self) -> Money:
        return self.amount or Money.zero(self.currency)

    def terms(self) -> MdfFundTerms:
        starts, ends = self._window()
        return MdfFundTerms(
            starts_on=starts,
            ends_on=ends,
            carry_over=self.carry_over,
            claim_days=self.claim_days,
            successor=self.successor,
            accrual=self._accrual(),
        )

    def _window(self) -> tuple[Day, Day]:
        if self.starts_on and self.ends_on:
            return self.starts_on, self.ends_on
        if self.accrual is None:
            raise Malformed("fund-malformed", "say when the fund starts and ends")
        begins = last_day(self.accrual.half) + DAY
        return self.starts_on or begins, self.ends_on or last_day(half_of(begins))

    def _accrual(self) -> MdfAccrual | None:
        if (one := self.accrual) is None:
            return None
        minimum = one.minimum or Money.zero(self.money.currency)
        return MdfAccrual(rate=one.rate, half=one.half, minimum=minimum, grace_days=one.grace_days)


class ActivityRequest(Body):
    request_id: Id | None = None
    fund_id: Id
    partner_id: Id
    amount: Money
    share: Amount = Decimal(1)
    activity: Text = "activity"
    template_id: Id | None = None
    starts_on: Day | None = None
    ends_on: Day | None = None


class Approval(Body):
    """`amount` counts if it is the last approval that was needed."""

    amount: Money | None = None
    reason: Why = ""


class Note(Body):
    reason: Why = ""


class CostLineIn(Body):
    line: LineNo
    what: Text = "cost"
    amount: Money

    def told(self) -> CostLine:
        return CostLine(line=self.line, what=self.what, amount=self.amount)


class InvoiceShown(Body):
    number: Text
    seller_tax_id: Text

    def told(self) -> Invoice:
        return Invoice(number=self.number, seller_tax_id=self.seller_tax_id)


class ClaimIn(Body):
    """`evidence` are the SHA-256 names of files of the request; None: all of them."""

    claim_id: Id | None = None
    request_id: Id
    lines: Annotated[tuple[CostLineIn, ...], Field(min_length=1, max_length=500)]
    invoices: Annotated[tuple[InvoiceShown, ...], Field(max_length=500)] = ()
    evidence: Annotated[tuple[Text, ...], Field(max_length=500)] | None = None


class LineChecked(Body):
    line: LineNo
    eligible: Money
    reason: Why = ""

    def told(self) -> CheckedLine:
        none = Money.zero(self.eligible.currency)
        return CheckedLine(
            line=self.line, eligible=self.eligible.rounded(), ineligible=none, reason=self.reason
        )


class Check(Body):
    lines: Annotated[tuple[LineChecked, ...], Field(min_length=1, max_length=500)]


class Payment(Body):
    method: Method = "payment"
    reference: Annotated[str, Field(max_length=200)] = ""
    paid_on: Day | None = None


class Needed(Body):
    kind: Kind
    count: Count = 1


class Template(Body):
    template_id: Id
    version: Count
    requirements: Annotated[tuple[Needed, ...], Field(max_length=50)]

    def told(self) -> TemplateVersion:
        needed = tuple(Requirement(kind=one.kind, count=one.count) for one in self.requirements)
        return TemplateVersion(
            template_id=self.template_id, version=self.version, requirements=needed
        )


class FundCondition(ConditionBody):
    field: Literal["partner_id", "fund_id", "activity", "template"]


class FundStep(StepBody):
    conditions: Annotated[tuple[FundCondition, ...], CONDITIONS] = ()


class ApprovalRule(RuleBody):
    """The rule by which requests are approved from now on."""

    steps: Annotated[tuple[FundStep, ...], STEPS]
