"""What a refund after the settlement comes to, in each of the three ways (R-10, ruling r4)."""

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.rebates.domain.events import BasisRecorded
from services.rebates.domain.ledger import Ledger
from services.rebates.domain.periods import days_of
from services.rebates.domain.rules import Rules, Slot, Tally
from services.rebates.domain.standing import signed
from shared.contracts.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Restatements:
    """`origin` restates the period of the payment, `current` moves the refund's own period,
    `pro_rata` takes back what was booked for it. None where that period has no rule.
    """

    origin: Money
    current: Money | None
    pro_rata: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Booked:
    """What was paid out so far, and the volume of the last booking."""

    amount: Money
    volume: Money


def origin(rules: Rules, ledger: Ledger, slot: Slot, refund: BasisRecorded) -> Money:
    """The period of the payment with the refund, less without: of what was known then."""
    first, last = days_of(slot.period)
    known = [one for one in ledger.between(first, last) if _before(one, refund)]
    then, now = Tally(rules, known), Tally(rules, [*known, refund])
    return now.standing(slot).entitlement - then.standing(slot).entitlement


def _before(one: BasisRecorded, refund: BasisRecorded) -> bool:
    return one.source != refund.source and one.recorded_at <= refund.recorded_at


def taken_back(rules: Rules, ledger: Ledger, slot: Slot, cause: UUID) -> Decimal:
    """The net that the refund took from the slot: negative, 0 if it is no refund of this slot."""
    leaves = Tally(rules, ledger.between(*days_of(slot.period))).leaves(slot)
    return sum((share.net for basis, share in leaves if basis.source == cause), Decimal(0))


def current(rules: Rules, ledger: Ledger, slot: Slot, net: Decimal) -> Money | None:
    """Its own period with the refund, less without: the volume may go below zero there."""
    first, last = days_of(slot.period)
    terms = rules.programme.covering(last) or rules.programme.usual(slot.period)
    if terms is None:
        return None
    parts = Tally(rules, ledger.between(first, last)).parts.get(slot, {})
    less = {**parts, terms.version: parts.get(terms.version, Decimal(0)) + net}
    now, then = rules.standing(parts, slot.period), rules.standing(less, slot.period)
    return then.entitlement - now.entitlement


def pro_rata(net: Decimal, booked: Booked) -> Money:
    if booked.volume.amount <= 0:
        return Money.zero(booked.amount.currency).rounded()
    share = Fraction(net) * Fraction(booked.amount.amount) / Fraction(booked.volume.amount)
    return signed(share, booked.amount.currency)
