"""Company names compared: what is left without legal form and place, by its bigrams (L-07)."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil
from typing import Literal

from services.leads.domain.places import GAZETTEER, LONGEST, Mention, inside, related

MATCHING = 1
"""The version of all that stands here: names, places, thresholds."""

HOLD, REVIEW = Fraction(9, 10), Fraction(6, 10)
LEAST = 2
COMPANIES = ("有限责任公司", "股份有限公司", "有限公司", "股份公司", "总公司", "分公司", "公司")
OTHERS = ("特殊普通合伙", "普通合伙", "有限合伙", "合伙企业", "个人独资企业", "个体工商户")
LATIN = re.compile(
    r"(?:[\s,.]+(?:company|co|corporation|corp|limited|ltd|incorporated|inc|llc|plc|gmbh|ag))+[\s.]*$"
)
BRACKETS = re.compile(r"[(\[{〔【〖《〈「『]([^)\]}〕】〗》〉」』]*)[)\]}〕】〗》〉」』]")
CITY_OF_A_WORD = re.compile(r"市[政场容民郊]")

Decision = Literal["same", "hold", "review", "pass"]


@dataclass(frozen=True, slots=True)
class Company:
    name: str
    uscc: str | None = None


@dataclass(frozen=True, slots=True)
class Likeness:
    score: Fraction
    decision: Decision

    @property
    def shown(self) -> Decimal:
        exact = Decimal(self.score.numerator) / Decimal(self.score.denominator)
        return exact.quantize(Decimal("0.0001"), ROUND_HALF_UP)


@dataclass(slots=True)
class _Stripped:
    """A name that loses, at both ends, what many firms share."""

    text: str
    places: list[Mention] = field(default_factory=list)

    def strip(self, least: int) -> None:
        while self._legal(least) or self._trailing(least) or self._leading(least):
            pass

    def _legal(self, least: int) -> bool:
        for form in (*COMPANIES, *OTHERS):
            if self.text.endswith(form) and len(self.text) - len(form) >= least:
                self.text = self.text.removesuffix(form)
                return True
            if self.text.startswith(form) and len(self.text) - len(form) >= least:
                self.text = self.text.removeprefix(form)
                return True
        return False

    def _leading(self, least: int) -> bool:
        for length in range(min(LONGEST, len(self.text) - least), 1, -1):
            mention = GAZETTEER.get(self.text[:length])
            if mention and not CITY_OF_A_WORD.match(self.text, length - 1):
                self.text = self.text[length:]
                self.places.append(mention)
                return True
        return False

    def _trailing(self, least: int) -> bool:
        for length in range(min(LONGEST, len(self.text) - least), 1, -1):
            if mention := GAZETTEER.get(self.text[-length:]):
                self.text = self.text[:-length]
                self.places.append(mention)
                return True
        return False


def core(name: str) -> tuple[str, tuple[Mention, ...]]:
    """What tells the firm from others, and the places that its name mentions."""
    whole = unicodedata.normalize("NFKC", name).casefold()
    places: list[Mention] = []

    def opened(bracket: re.Match[str]) -> str:
        inner = _Stripped(squeezed(bracket[1]))
        inner.strip(0)
        places.extend(inner.places)
        return inner.text

    text = spared(LATIN.sub("", whole), whole)
    rest = _Stripped(squeezed(spared(BRACKETS.sub(opened, text), text)), places)
    rest.strip(LEAST)
    return rest.text, tuple(rest.places)


def spared(without: str, text: str) -> str:
    return without if len(squeezed(without)) >= LEAST else text


def squeezed(text: str) -> str:
    return "".join(c for c in text if unicodedata.category(c)[0] in "LMN")


def bigrams(text: str) -> Counter[str]:
    """A core of one character is its own and only bigram."""
    return Counter([a + b for a, b in pairwise(text)] or [text])


def telling(text: str) -> set[str]:
    """Bigrams of which everybody shares at least one whose name reaches REVIEW.

    So many must be shared that they cannot all lie behind these. What distinguishes a firm
    stands at the beginning of its name, what is common to its trade at the end.
    """
    grams = [a + b for a, b in pairwise(text)] or [text]
    shared = ceil(REVIEW * len(grams) / (2 - REVIEW))
    return set(grams[: len(grams) - shared + 1])


def dice(one: str, other: str) -> Fraction:
    a, b = bigrams(one), bigrams(other)
    return Fraction(2 * (a & b).total(), a.total() + b.total())


def compare(one: Company, other: Company) -> Likeness:
    """Code before name; other codes or unrelated places leave it to a person."""
    if one.uscc and one.uscc == other.uscc:
        return Likeness(Fraction(1), "same")
    (core_one, at_one), (core_other, at_other) = core(one.name), core(other.name)
    score = dice(core_one, core_other)
    if score < REVIEW:
        return Likeness(score, "pass")
    doubtful = (one.uscc and other.uscc) or apart(at_one, at_other)
    return Likeness(score, "review" if doubtful or score < HOLD else "hold")


def apart(one: tuple[Mention, ...], other: tuple[Mention, ...]) -> bool:
    """Both name places, and none of the one has to do with any of the other."""
    ones, others = narrowest(one), narrowest(other)
    return bool(ones and others) and not any(related(a, b) for a in ones for b in others)


def narrowest(places: tuple[Mention, ...]) -> list[Mention]:
    """浙江省杭州市 is in Hangzhou: the province says nothing more."""
    return [one for one in places if not any(inside(other, one) for other in places)]
