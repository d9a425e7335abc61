"""An amount with its currency: a decimal string on the wire, never a float."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from re import ASCII, fullmatch
from typing import Annotated

from babel.core import get_global
from pydantic import AfterValidator, BeforeValidator, WithJsonSchema

PLACES, DIGITS = 6, 24
PLAIN = r"^-?\d{1,18}(\.\d{1,6})?$"


def exact(value: object) -> object:
    """Refuses numbers (JSON has no decimals, only floats) and what the schema does not show."""
    if isinstance(value, str) and fullmatch(PLAIN, value, ASCII):
        return Decimal(value)
    if isinstance(value, Decimal):
        return value
    raise ValueError("an amount is a plain decimal string")


def plain(value: Decimal) -> Decimal:
    """Refuses NaN, infinities, exponents, and what no ledger holds."""
    _, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or not -PLACES <= exponent <= 0 or len(digits) > DIGITS:
        raise ValueError("an amount is a plain decimal with at most 18 + 6 digits")
    return value


def known(currency: str) -> str:
    if currency not in currencies():
        raise ValueError(f"currency-unknown: {currency!r} is no ISO 4217 code")
    return currency


@cache
def currencies() -> frozenset[str]:
    return frozenset(get_global("all_currencies"))


@cache
def minor_unit(currency: str) -> Decimal:
    """0.01 for CNY, 1 for JPY, 0.001 for KWD (CLDR)."""
    fractions = get_global("currency_fractions")
    digits = fractions.get(currency, fractions["DEFAULT"])[0]
    return Decimal(1).scaleb(-digits)


Amount = Annotated[
    Decimal,
    BeforeValidator(exact),
    AfterValidator(plain),
    WithJsonSchema({"type": "string", "pattern": PLAIN}),
]
Currency = Annotated[
    str, AfterValidator(known), WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"})
]


@dataclass(frozen=True, slots=True)
class Money:
    """Adds only to its own currency; anything else is a `CurrencyMismatch`."""

    amount: Amount
    currency: Currency

    @classmethod
    def zero(cls, currency: str) -> "Money":
        return cls(Decimal(0), currency)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount - self._same(other), self.currency)

    def __neg__(self) -> "Money":
        return Money(-self.amount, self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __le__(self, other: "Money") -> bool:
        return self.amount <= self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def __ge__(self, other: "Money") -> bool:
        return self.amount >= self._same(other)

    def __bool__(self) -> bool:
        return self.amount != 0

    def __str__(self) -> str:
        return f"{self.amount} {self.currency}"

    def rounded(self) -> "Money":
        """To the currency's minor unit, half away from zero (ruling g3)."""
        unit = minor_unit(self.currency)
        return Money(self.amount.quantize(unit, ROUND_HALF_UP), self.currency)

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.amount


class CurrencyMismatch(Exception):
    """Two currencies met in one sum: a bug of ours, never guessed away."""


def total(amounts: Iterable[Money], currency: str) -> Money:
    return sum(amounts, Money.zero(currency))


def split(whole: Money, weights: Sequence[Decimal]) -> list[Money]:
    """Largest remainder in minor units over the weights, ties to the earlier one (ruling g4).

    Weights may have both signs (shares floor towards −∞); all 0 gives everything to the first.
    A negative whole mirrors the positive. The parts sum to the whole, to the cent, always.
    """
    if whole.amount < 0:
        return [-part for part in split(-whole, weights)]
    unit, weight = minor_unit(whole.currency), sum(map(Fraction, weights))
    if weight == 0:
        return [whole if n == 0 else Money.zero(whole.currency) for n in range(len(weights))]
    units = Fraction(whole.amount) / Fraction(unit)
    shares = [units * Fraction(each) / weight for each in weights]
    floors = [share // 1 for share in shares]
    order = sorted(range(len(weights)), key=lambda n: (floors[n] - shares[n], n))
    lucky = set(order[: int(units) - sum(floors)])
    return [Money((f + (n in lucky)) * unit, whole.currency) for n, f in enumerate(floors)]
