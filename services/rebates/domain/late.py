"""Refunds after the cut-off, where a programme does not restate the payment's period (ruling r4).

They are told as a lower revision of their payment. What they took is undone there, and either
counted in their own period (`current`) or taken from what was booked (`pro_rata`). Ledgers are by
business year: for `current`, a refund in another year than its payment restates its period still.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

from services.rebates.domain.events import BasisRecorded
from services.rebates.domain.periods import period_of

if TYPE_CHECKING:
    from services.rebates.domain.rules import Rules, Slot


class Taken(NamedTuple):
    """`net` is negative; `slot` and `version` are the payment's, `own` those of the refund."""

    refund: BasisRecorded
    slot: "Slot"
    version: int
    net: Decimal
    own: "Slot"
    own_version: int


def is_late(rules: "Rules", basis: BasisRecorded) -> bool:
    programme, day = rules.programme, basis.returned_on
    if not programme.published or day is None:
        return False
    period = period_of(basis.paid_on, programme.latest.period)
    known_late = basis.recorded_at >= programme.schedule(period).cut_off
    match programme.latest.restatement:
        case "origin":
            return False
        case "current":
            return known_late and day.year == basis.paid_on.year
        case "pro_rata":
            return known_late


def taken(rules: "Rules", bases: Sequence[BasisRecorded]) -> Iterator[Taken]:
    """By the late ones among all revisions of one payment."""
    course = sorted(bases, key=lambda one: one.revision)
    for before, one in pairwise(course):
        if one.kind == "payment" or not is_late(rules, one):
            continue
        then, now = rules.shares(before), rules.shares(one)
        for slot, share in then.items():
            net = (now[slot].net if slot in now else Decimal(0)) - share.net
            if net:
                own = slot._replace(period=period_of(one.day, rules.programme.latest.period))
                terms = rules.programme.covering(one.day)
                version = terms.version if terms else share.version
                yield Taken(one, slot, share.version, net, own, version)
