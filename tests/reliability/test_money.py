"""F2: 100,000 random sums of money, against an oracle that knows only integers and fractions."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from random import Random
from typing import Any

import pytest

from services.orders.domain.events import Piece
from services.orders.domain.pricing import priced
from services.orders.domain.shares import lines, portions
from services.orders.tests.samples import line
from services.rebates.domain.terms import Method, Tier
from services.rebates.tests.book import terms
from shared.contracts.money import CurrencyMismatch, Money, split
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(3_600)]
CASES = trials(20_000, 200_000)  # of each of five kinds
DIGITS = {"CNY": 2, "USD": 2, "JPY": 0, "KWD": 3}
"""ISO 4217, written down here once more."""
RATES = ("0", "0.01", "0.03", "0.06", "0.09", "0.13", "1")


def units(amount: Decimal, currency: str) -> int:
    """In minor units; an amount that has less than whole ones is a mistake."""
    exact: Fraction = Fraction(amount) * 10 ** DIGITS[currency]
    assert exact.denominator == 1, f"{amount} {currency} is no amount of coins"
    return exact.numerator


def half_up(exact: Fraction) -> int:
    """Half away from zero (ruling g3)."""
    whole, rest = divmod(abs(exact.numerator), exact.denominator)
    rounded = whole + (2 * rest >= exact.denominator)
    return rounded if exact >= 0 else -rounded


def handed_out(whole: int, weights: Sequence[Fraction]) -> list[int]:
    """Ruling g4, one coin at a time: to whoever is furthest below his share, the first of equals.

    That is the largest remainder after the floors. A negative sum mirrors the positive.
    """
    if whole < 0:
        return [-part for part in handed_out(-whole, weights)]
    if (every := sum(weights)) == 0:
        return [whole, *[0] * (len(weights) - 1)]
    shares = [whole * one / every for one in weights]
    parts = [share.numerator // share.denominator for share in shares]
    left = {n: shares[n] - parts[n] for n in range(len(parts))}
    for _ in range(whole - sum(parts)):
        best = max(left, key=lambda n: (left[n], -n))
        del left[best]
        parts[best] += 1
    return parts


def amount(random: Random, currency: str, most: int = 10**9) -> Decimal:
    """Of any size, as often one coin as a fortune."""
    coins = random.randrange(random.choice((2, 10, 1_000, most)))
    return Decimal(coins).scaleb(-DIGITS[currency])


def test_a_split_hands_out_every_coin_and_each_to_whom_it_is_due(tally: Tally) -> None:
    random, wrong, unkept, signed = Random(1), list[Any](), list[Any](), 0
    for _ in range(CASES):
        currency = random.choice([*DIGITS])
        whole = amount(random, currency) * random.choice((1, 1, -1))
        weights = some_weights(random)
        parts = [units(one.amount, currency) for one in split(Money(whole, currency), weights)]
        case = (whole, currency, weights, parts)
        if sum(parts) != units(whole, currency):
            unkept.append(case)
        if min(weights) < 0:
            signed += 1
        elif parts != handed_out(units(whole, currency), [Fraction(one) for one in weights]):
            wrong.append(case)
    never = {"coins lost or made": unkept, "parts that differ from the oracle's": wrong}
    tally("F2 split", {"splits": CASES}, seen={"with weights of both signs": signed}, never=never)


def some_weights(random: Random) -> list[Decimal]:
    signs = (1,) if random.random() < 0.9 else (1, 1, -1)
    most = random.choice((1, 100, 10**7))
    return [
        Decimal(random.randint(0, most)).scaleb(-random.randrange(4)) * random.choice(signs)
        for _ in range(random.randint(1, 9))
    ]


def test_rounding_is_half_away_from_zero_in_the_currency_s_own_coins(tally: Tally) -> None:
    random, wrong, halves = Random(2), list[Any](), 0
    for _ in range(CASES):
        currency = random.choice([*DIGITS])
        exact = Decimal(random.randint(-(10**9), 10**9)).scaleb(-random.randint(0, 6))
        if random.random() < 0.5:  # half a coin, exactly
            coins = exact.quantize(Decimal(1).scaleb(-DIGITS[currency]), ROUND_HALF_UP)
            exact, halves = coins + Decimal(5).scaleb(-DIGITS[currency] - 1), halves + 1
        found = units(Money(exact, currency).rounded().amount, currency)
        if found != half_up(Fraction(exact) * 10 ** DIGITS[currency]):
            wrong.append((exact, currency, found))
    seen = {"of them exactly between two coins": halves}
    tally("F2 rounding", {"amounts": CASES}, seen=seen, never={"rounded otherwise": wrong})


def test_a_payment_s_pieces_come_to_the_payment_and_each_net_is_rounded_once(
    tally: Tally,
) -> None:
    """Ruling g5: over product line × tax rate by gross weight, net = gross ÷ (1 + rate)."""
    random, wrong, unkept = Random(3), list[Any](), list[Any]()
    for _ in range(CASES):
        pieces = some_pieces(random)
        owed = sum(units(one.gross.amount, "CNY") for one in pieces)
        paid = random.choice((owed, random.randint(0, owed)))
        found = {
            one.product_line: (units(one.amount.amount, "CNY"), units(one.net.amount, "CNY"))
            for one in lines(portions(pieces, Money(Decimal(paid).scaleb(-2), "CNY")))
        }
        if found != allocated(pieces, paid):
            wrong.append((pieces, paid, found))
        if sum(gross for gross, _ in found.values()) != paid:
            unkept.append((pieces, paid, found))
    never = {"coins lost or made": unkept, "lines that differ from the oracle's": wrong}
    tally("F2 allocation", {"payments": CASES}, never=never)


def allocated(pieces: Sequence[Piece], paid: int) -> dict[str, tuple[int, int]]:
    """Gross and net by product line, in coins."""
    sums: dict[str, tuple[int, int]] = {}
    parts = handed_out(paid, [Fraction(one.gross.amount) for one in pieces])
    for piece, gross in zip(pieces, parts, strict=True):
        net = half_up(Fraction(gross) / (1 + Fraction(piece.tax_rate)))
        before = sums.get(piece.product_line, (0, 0))
        sums[piece.product_line] = before[0] + gross, before[1] + net
    return {name: both for name, both in sums.items() if both[0]}


def some_pieces(random: Random) -> tuple[Piece, ...]:
    places = [(name, rate) for name in "ABC" for rate in RATES[:6]]
    return tuple(
        Piece(
            product_line=name,
            tax_rate=Decimal(rate),
            gross=Money(amount(random, "CNY") + Decimal("0.01"), "CNY"),
        )
        for name, rate in sorted(random.sample(places, random.randint(1, 5)))
    )


def test_an_order_s_lines_are_rounded_once_each_and_never_before(tally: Tally) -> None:
    random, wrong = Random(4), list[Any]()
    for _ in range(CASES):
        price = Decimal(random.randrange(10 ** random.randint(1, 9))).scaleb(-random.randint(0, 6))
        quantity = Decimal(random.randint(1, 10**5)).scaleb(-random.randint(0, 3))
        rate = random.choice(RATES)
        wanted = replace(line(1, f"{price:f}", rate=rate), quantity=quantity)
        (found,) = priced([wanted])
        net = half_up(Fraction(quantity) * Fraction(price) * 100)
        expected = net, net + half_up(net * Fraction(rate))
        if (units(found.net.amount, "CNY"), units(found.amount.amount, "CNY")) != expected:
            wrong.append((wanted, found))
    tally("F2 pricing", {"lines": CASES}, never={"priced otherwise": wrong})


def test_a_reward_is_what_the_bands_say_at_each_boundary_and_beside_it(tally: Tally) -> None:
    """Rulings g6 and r1: from the threshold on, inclusive; exact until it is rounded once."""
    random, wrong, at = Random(5), list[Any](), 0
    for _ in range(CASES):
        starts = sorted(random.sample(range(1, 10**6), random.randint(1, 4)))
        rates = [random.randint(1, 300) for _ in starts]
        volume = random.choice((random.choice(starts) * 100, random.randrange(10**8)))
        volume += random.choice((0, 0, 1, -1))
        at += volume % 100 == 0 and volume // 100 in starts
        tiers = tuple(
            Tier(threshold=Decimal(start), rate=Decimal(rate).scaleb(-3))
            for start, rate in zip(starts, rates, strict=True)
        )
        method: Method = random.choice(("whole", "marginal"))
        found = replace(terms(method=method), tiers=tiers).reward(Decimal(volume).scaleb(-2))
        if found != rewarded(method, starts, rates, volume):
            wrong.append((method, tiers, volume, found))
    seen = {"at a threshold exactly": at}
    tally("F2 reward", {"volumes": CASES}, seen=seen, never={"rewarded otherwise": wrong})


def rewarded(method: str, starts: Sequence[int], rates: Sequence[int], cents: int) -> Fraction:
    """Rates in thousandths; cent by cent it would be the same, only slower."""
    volume, earned = Fraction(cents, 100), Fraction(0)
    for start, rate, end in zip(starts, rates, [*starts[1:], None], strict=True):
        if volume >= start and method == "whole":
            earned = volume * rate / 1000
        elif volume >= start:
            upper = volume if end is None or volume < end else Fraction(end)
            earned += (upper - start) * rate / 1000
    return earned


def test_two_currencies_never_meet(tally: Tally) -> None:
    met, tried = list[Any](), 0
    for one in DIGITS:
        for other in {*DIGITS} - {one}:
            a, b = Money(Decimal(1), one), Money(Decimal(1), other)
            for meet in (a.__add__, a.__sub__, a.__lt__, a.__le__, a.__gt__, a.__ge__):
                tried += 1
                try:
                    met.append((meet(b), one, other))
                except CurrencyMismatch:
                    continue
    tally("F3 currencies", {"meetings": tried}, never={"answered": met})
