"""Where an account stands: its volume, the tier that reaches, and what that earns."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.rebates.domain.basis import Kind
from services.rebates.domain.terms import Terms, Tier
from shared.contracts.money import Money, minor_unit
from shared.contracts.rebates import VersionVolume

ZERO = Decimal(0)
LATE, VERSION, LEVEL = "late payment", "new version", "level changed"
MONEY: dict[Kind, str] = {"payment": LATE, "refund": "refund", "reversal": "reversal"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """`returned`: the net of refunds that take back what was booked for it and move no volume."""

    volume: Money
    entitlement: Money
    version: int
    tier: Tier | None = None
    parts: tuple[VersionVolume, ...] = ()
    returned: Money | None = None

    @classmethod
    def zero(cls, currency: str, version: int) -> "Standing":
        nothing = Money.zero(currency).rounded()
        return cls(volume=nothing, entitlement=nothing, version=version)

    @property
    def reason(self) -> str:
        """Why it earns what it earns."""
        if self.volume.amount <= 0:
            return "no volume"
        return "tier reached" if self.tier else "no tier reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A fact that became known, and where it brought the account."""

    standing: Standing
    reason: str
    cause: UUID


def standing(
    parts: Mapping[int, Decimal],
    versions: Mapping[int, Terms],
    usual: Terms,
    returned: Decimal = ZERO,
) -> Standing:
    """Ruling r5: each version reads its tiers with the whole volume, and earns its share of it.

    The tier shown is that of the newest version with volume, or of the usual one.
    """
    filled = {version: part for version, part in sorted(parts.items()) if part}
    whole, currency = sum(filled.values(), Decimal(0)), usual.currency
    shown = versions[max(filled)] if filled else usual
    earned = sum((versions[v].reward(whole) * Fraction(filled[v]) for v in filled), Fraction(0))
    entitlement = nearest(earned / Fraction(whole) if whole > 0 else Fraction(0), currency)
    if returned and whole > 0:  # ruling r4 (c): −net × booked ÷ volume
        taken = Fraction(returned) * Fraction(entitlement.amount) / Fraction(whole)
        entitlement = max(entitlement + signed(taken, currency), Money.zero(currency).rounded())
    return Standing(
        volume=Money(whole, currency).rounded(),
        entitlement=entitlement,
        version=shown.version,
        tier=shown.tier(whole),
        parts=tuple(
            VersionVolume(version=v, volume=Money(part, currency).rounded())
            for v, part in filled.items()
        ),
        returned=Money(returned, currency).rounded() if returned else None,
    )


def nearest(exact: Fraction, currency: str) -> Money:
    """The one rounding of an entitlement (rulings g3 and R-12); it is never negative (r7)."""
    unit = minor_unit(currency)
    units = max(exact, Fraction(0)) / Fraction(unit) + Fraction(1, 2)
    return Money(int(units) * unit, currency)


def signed(exact: Fraction, currency: str) -> Money:
    """Half away from zero, below it too."""
    return nearest(exact, currency) if exact >= 0 else -nearest(-exact, currency)
