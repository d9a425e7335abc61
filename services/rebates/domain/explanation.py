"""Why an account earns what it earns: payment by payment, to the cent; and what is missing."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from services.rebates.domain.rules import Rules, Slot, Tally
from services.rebates.domain.standing import Standing
from services.rebates.domain.terms import Terms
from shared.contracts.money import Money, split, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """`effect` is what the money did by reaching (or losing) a tier, in canonical order.

    A refund is a leaf of its own, at its own day, with a negative volume.
    """

    fact_id: UUID
    document_no: str
    source_system: str
    paid_on: date
    version: int
    volume: Money
    amount: Money
    crossing: bool
    effect: Money | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    standing: Standing
    leaves: tuple[Leaf, ...]

    @property
    def sum(self) -> Money:
        earned = self.standing.entitlement
        return total((leaf.amount for leaf in self.leaves), earned.currency)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nudge:
    """What is missing to the next threshold, and what exactly reaching it adds (ruling r18)."""

    gap: Money
    gain: Money
    threshold: Money
    rate: Decimal


def explained(tally: Tally, slot: Slot) -> Explanation:
    """The leaves are shares of the entitlement by volume (rulings r6 and g4)."""
    now, found = tally.standing(slot), tally.leaves(slot)
    amounts = split(now.entitlement, [share.net for _, share in found]) if found else []
    effects = _effects(tally, slot, now)
    leaves = tuple(
        Leaf(
            fact_id=basis.source,
            document_no=basis.document_no,
            source_system=basis.source_system,
            paid_on=basis.day,
            version=share.version,
            volume=Money(share.net, amount.currency).rounded(),
            amount=amount.rounded(),
            crossing=effect is not None,
            effect=effect,
        )
        for (basis, share), amount, effect in zip(found, amounts, effects, strict=True)
    )
    return Explanation(standing=now, leaves=leaves)


def _effects(tally: Tally, slot: Slot, end: Standing) -> Iterator[Money | None]:
    """For each leaf what it changed, if it changed the tier of a version that earns here."""
    rules, parts = tally.rules, dict[int, Decimal]()
    earning = [rules.programme.versions[part.version] for part in end.parts]
    before, tiers = (
        rules.standing(parts, slot.period),
        [terms.tier(Decimal(0)) for terms in earning],
    )
    for _, share in tally.leaves(slot):
        parts[share.version] = parts.get(share.version, Decimal(0)) + share.net
        after = rules.standing(parts, slot.period)
        reached = [terms.tier(after.volume.amount) for terms in earning]
        yield after.entitlement - before.entitlement if reached != tiers else None
        before, tiers = after, reached


def nudged(rules: Rules, period: str, now: Standing) -> Nudge | None:
    terms: Terms = rules.programme.versions[now.version]
    volume = now.volume
    upper = terms.next_tier(volume.amount)
    if upper is None:
        return None
    threshold = Money(upper.threshold, volume.currency)
    parts = {part.version: part.volume.amount for part in now.parts}
    gap = threshold - volume
    parts[now.version] = parts.get(now.version, Decimal(0)) + gap.amount
    then = rules.standing(parts, period)
    gain = then.entitlement - now.entitlement
    return Nudge(gap=gap.rounded(), gain=gain, threshold=threshold, rate=upper.rate)
