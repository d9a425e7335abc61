"""The money of a fund: allocated, accrued, carried in and over, expired (M-03, M-06; m5, m7)."""

from dataclasses import replace
from datetime import datetime

from services.mdf.domain.commands import (
    AllocateFund,
    CarryIn,
    ConvertFund,
    EndFund,
    TakeAccrual,
)
from services.mdf.domain.events import AccrualTaken, CarryOverReceived, FundEnded
from services.mdf.domain.evolution import Story
from services.mdf.domain.halves import last_day
from shared.contracts.calendar import DAY, end_of
from shared.contracts.mdf import (
    MdfAccrual,
    MdfCarriedOver,
    MdfExpired,
    MdfFundAllocated,
    MdfFundTerms,
)
from shared.contracts.money import Money
from shared.kernel.errors import Malformed, Refused


def decide(
    story: Story, command: AllocateFund | CarryIn | TakeAccrual | EndFund | ConvertFund
) -> None:
    match command:
        case AllocateFund() if story.fund.told is None:
            story.tell(_allocated(sound(command)))
        case AllocateFund():
            _adjust(story, command)
        case CarryIn():
            if command.from_fund_id not in story.fund.carried_in:
                came, amount = command.from_fund_id, command.amount
                told = CarryOverReceived(fund_id=command.fund_id, from_fund_id=came, amount=amount)
                story.tell(told)
        case TakeAccrual():
            _take(story, command)
        case EndFund():
            _end(story, command)
        case ConvertFund():
            _convert(story, command)


def sound(command: AllocateFund) -> AllocateFund:
    terms, amount = command.terms, command.amount
    if terms.ends_on < terms.starts_on:
        raise Malformed("fund-malformed", "a fund ends on or after the day it starts")
    if not 0 <= terms.carry_over <= 1 or terms.claim_days < 0:
        raise Malformed("fund-malformed", "carry_over is a share of 1; claim_days are 0 or more")
    if amount.amount < 0 or amount.rounded() != amount:
        raise Malformed("fund-malformed", "an allocation is 0 or more, in whole minor units")
    if terms.successor == command.fund_id:
        raise Malformed("fund-malformed", "a fund does not succeed itself")
    if accrual := terms.accrual:
        _sound_accrual(accrual, command)
    return replace(command, amount=amount.rounded())


def _sound_accrual(accrual: MdfAccrual, command: AllocateFund) -> None:
    if command.partner_id is None or command.amount:
        raise Malformed("fund-malformed", "an accrued fund is one partner's and begins at 0")
    if not 0 < accrual.rate <= 1 or accrual.minimum.currency != command.amount.currency:
        raise Malformed("fund-malformed", "a rate lies above 0 and up to 1; one currency a fund")


def _allocated(command: AllocateFund) -> MdfFundAllocated:
    return MdfFundAllocated(
        fund_id=command.fund_id,
        partner_id=command.partner_id,
        kind="accrued" if command.terms.accrual else "discretionary",
        amount=command.amount,
        terms=command.terms,
        revision=1,
        reason=command.reason,
    )


def _adjust(story: Story, command: AllocateFund) -> None:
    """The new whole; never below what is promised. Terms stay, only a successor may be named."""
    told, fund = story.fund.known, story.fund
    if told.kind == "accrued":
        raise Refused("fund-accrued", "an accrued fund follows the money that is collected")
    if fund.ended:
        raise Refused("fund-ended", f"it ended: {fund.ended}")
    if command.partner_id != told.partner_id or _fixed(command.terms) != _fixed(told.terms):
        raise Refused("fund-exists", "its partner and terms stand: allocate another fund")
    amount = sound(command).amount
    if amount.currency != fund.currency:
        raise Refused("fund-exists", f"the fund is kept in {fund.currency}")
    if fund.available + (amount - told.amount) < Money.zero(fund.currency):
        raise Refused("fund-insufficient", f"available {fund.available}: promise less first")
    if (amount, command.terms) != (told.amount, told.terms):
        story.tell(_again(told, amount, command.reason or "adjusted", command.terms))


def _fixed(terms: MdfFundTerms) -> MdfFundTerms:
    return replace(terms, successor=None)


def _again(
    told: MdfFundAllocated, amount: Money, reason: str, terms: MdfFundTerms
) -> MdfFundAllocated:
    return replace(told, amount=amount, terms=terms, revision=told.revision + 1, reason=reason)


def _take(story: Story, command: TakeAccrual) -> None:
    """Ruling m7: round(rate × net collected of the half year, as known), even below zero."""
    fund = story.fund
    if fund.told is None or fund.told.terms.accrual is None:
        return
    if command.accrual_version <= fund.taken:
        return
    told, accrual = fund.told, fund.told.terms.accrual
    taken = AccrualTaken(
        fund_id=told.fund_id,
        net=command.net,
        accrual_version=command.accrual_version,
        cut_off=cut_off(accrual) if fund.taken < 0 else None,
    )
    story.tell(taken)
    earned = Money(accrual.rate * command.net.amount, command.net.currency).rounded()
    if earned != told.amount:
        story.tell(_again(told, earned, "accrued", told.terms))


def _end(story: Story, command: EndFund) -> None:
    """Ruling m5: carried = min(available, share × own allocation), the rest expires."""
    told, fund = story.fund.told, story.fund
    if told is None or fund.ended or command.at < ends_at(told):
        return
    share = Money(told.terms.carry_over * told.amount.amount, fund.currency).rounded()
    carried = max(min(fund.available, share), Money.zero(fund.currency))
    story.tell(FundEnded(fund_id=told.fund_id, reason="fund-end"))
    if carried:
        story.tell(
            MdfCarriedOver(
                fund_id=told.fund_id,
                partner_id=told.partner_id,
                amount=carried,
                to_fund_id=told.terms.successor,
            )
        )
    _expire(story, "fund-end")


def _convert(story: Story, command: ConvertFund) -> None:
    told, fund = story.fund.told, story.fund
    if told is None or fund.ended or fund.taken < 0 or told.terms.accrual is None:
        return
    if command.at >= cut_off(told.terms.accrual) and told.amount < told.terms.accrual.minimum:
        story.tell(FundEnded(fund_id=told.fund_id, reason="below-minimum"))
        _expire(story, "below-minimum")


def expire_what_came_free(story: Story) -> None:
    """Ruling m5: all that is released after the end expires at once."""
    if story.fund.ended:
        below = story.fund.ended == "below-minimum"
        _expire(story, "below-minimum" if below else "released-after-end")


def _expire(story: Story, reason: str) -> None:
    told, free = story.fund.known, story.fund.available
    if free > Money.zero(free.currency):
        story.tell(
            MdfExpired(
                fund_id=told.fund_id, partner_id=told.partner_id, amount=free, reason=reason
            )
        )


def ends_at(told: MdfFundAllocated) -> datetime:
    return end_of(told.terms.ends_on)


def cut_off(accrual: MdfAccrual) -> datetime:
    """Ruling g2: n days after a half year = its last day + n, inclusive."""
    return end_of(last_day(accrual.half) + accrual.grace_days * DAY)
