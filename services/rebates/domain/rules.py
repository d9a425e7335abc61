"""How one programme sees a partner's payments, as far as its versions and levels are known."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from services.rebates.domain.events import BasisRecorded, Document
from services.rebates.domain.late import Taken, is_late, taken
from services.rebates.domain.partner import Levels
from services.rebates.domain.periods import period_of
from services.rebates.domain.programme import Programme
from services.rebates.domain.standing import ZERO, Standing, standing
from services.rebates.domain.terms import Restatement


class Slot(NamedTuple):
    """An account's place within a programme and a partner."""

    period: str
    values: tuple[str, ...]


class Share(NamedTuple):
    """What a payment brings to a slot, and by which version it earns."""

    version: int
    net: Decimal


Shares = Mapping[Slot, Share]


@dataclass(frozen=True, slots=True)
class Rules:
    programme: Programme
    levels: Levels

    def upto(self, version: int, levels: int) -> "Rules":
        return Rules(self.programme.upto(version), self.levels.upto(levels))

    def before(self, instant: datetime) -> "Rules":
        return Rules(self.programme.before(instant), self.levels.before(instant))

    def shares(self, basis: BasisRecorded) -> Shares:
        """Filter, then partition (ruling r1). Money of another currency does not count."""
        terms = self.programme.covering(basis.paid_on)
        if terms is None:
            return {}
        level = self.levels.on(basis.paid_on) if terms.filter.levels else None
        period = period_of(basis.paid_on, terms.period)
        found: dict[Slot, Share] = {}
        for piece in basis.pieces:
            if piece.net.currency == terms.currency and terms.filter.takes(piece, level):
                slot = Slot(period, terms.values(piece))
                before = found.get(slot, Share(terms.version, Decimal(0)))
                found[slot] = before._replace(net=before.net + piece.net.amount)
        return found

    def touched(self, bases: Sequence[BasisRecorded]) -> list[Slot]:
        """By any revision of one payment, or by a late refund of it, as it seemed to be before the
        last of them came.
        """
        shared = [slot for basis in bases for slot in self.shares(basis)]
        late = [*taken(self, bases), *taken(self, bases[:-1])]
        return list(dict.fromkeys([*shared, *(one.own for one in late)]))

    def restating(self, way: Restatement) -> "Rules":
        return Rules(self.programme.restating(way), self.levels)

    def standing(
        self, parts: Mapping[int, Decimal], period: str, returned: Decimal = ZERO
    ) -> Standing:
        usual = self.programme.usual(period) or self.programme.latest
        return standing(parts, self.programme.versions, usual, returned)


class Tally:
    """Sums payments into slots, the highest revision of each; the order of adding is no matter."""

    def __init__(self, rules: Rules, bases: Iterable[BasisRecorded] = ()) -> None:
        self.rules, published = rules, rules.programme.published
        self._moves_late = bool(published) and rules.programme.latest.restatement != "origin"
        self.counted: dict[Document, tuple[BasisRecorded, Shares]] = {}
        self.earlier: dict[Document, tuple[BasisRecorded, ...]] = {}
        self.parts: dict[Slot, dict[int, Decimal]] = {}
        self.returned: dict[Slot, Decimal] = {}
        self.late: dict[Document, tuple[Taken, ...]] = {}
        for basis in bases:
            self.add(basis)

    @classmethod
    def resumed(
        cls, rules: Rules, slot: Slot, before: Standing, counted: BasisRecorded | None
    ) -> "Tally":
        """For one more payment into a slot whose sums are known; `counted` in its place."""
        tally = cls(rules)
        tally.parts[slot] = {one.version: one.volume.amount for one in before.parts}
        if before.returned:
            tally.returned[slot] = before.returned.amount
        if counted:
            tally.counted[counted.document] = (counted, rules.shares(counted))
        return tally

    def add(self, basis: BasisRecorded) -> None:
        self._add(basis)
        if not self._moves_late:
            return
        known = self._known(basis.document)
        if any(one.returned_on for one in known):
            self._move(self.late.get(basis.document, ()), -1)
            self.late[basis.document] = (*taken(self.rules, known),)
            self._move(self.late[basis.document], 1)

    def _known(self, document: Document) -> tuple[BasisRecorded, ...]:
        return (*self.earlier.get(document, ()), self.counted[document][0])

    def _move(self, late: Iterable[Taken], sign: int) -> None:
        """Undone in the payment's slot, counted in the refund's or as taken back."""
        for one in late:
            self._count({one.slot: Share(one.version, -one.net)}, sign)
            if self.rules.programme.latest.restatement == "current":
                self._count({one.own: Share(one.own_version, one.net)}, sign)
            else:
                self.returned[one.slot] = self.returned.get(one.slot, ZERO) + sign * one.net

    def _add(self, basis: BasisRecorded) -> None:
        shares = self.rules.shares(basis)
        for slot in shares:
            self.parts.setdefault(slot, {})
        if before := self.counted.get(basis.document):
            late = before[0].revision >= basis.revision
            known = self.earlier.get(basis.document, ())
            self.earlier[basis.document] = (*known, basis if late else before[0])
            if late:
                return
            self._count(before[1], -1)
        self.counted[basis.document] = (basis, shares)
        self._count(shares, 1)

    def standing(self, slot: Slot) -> Standing:
        parts, returned = self.parts.get(slot, {}), self.returned.get(slot, ZERO)
        return self.rules.standing(parts, slot.period, returned)

    def leaves(self, slot: Slot) -> list[tuple[BasisRecorded, Share]]:
        """The money behind a slot, in canonical order; refunds at their own day (ruling r6)."""
        found: list[tuple[BasisRecorded, Share]] = []
        for late in self.late.values():
            if self.rules.programme.latest.restatement == "current":
                own = (one for one in late if one.own == slot)
                found += [(one.refund, Share(one.own_version, one.net)) for one in own]
        for document, (basis, shares) in self.counted.items():
            earlier = self.earlier.get(document, ())
            if any(one.kind != "payment" for one in (basis, *earlier)):
                found += self._course([*earlier, basis], slot)
            elif slot in shares:
                found.append((basis, shares[slot]))
        return sorted(found, key=lambda leaf: leaf[0].place)

    def _course(
        self, bases: list[BasisRecorded], slot: Slot
    ) -> Iterator[tuple[BasisRecorded, Share]]:
        """A payment as it last was, and what each refund since took from it."""
        course = [
            (one, share)
            for one in sorted(bases, key=lambda one: one.revision)
            if (share := self._share(one, slot))
        ]
        if not course or not any(share.net for _, share in course):
            return
        whole = course[-1][1].net
        came = [one for one, _ in course if one.kind == "payment"] or [course[0][0]]
        for (_, before), (one, share) in pairwise(course):
            if one.kind != "payment" and (change := share.net - before.net):
                whole -= change
                if not is_late(self.rules, one):
                    yield one, share._replace(net=change)
        yield came[-1], course[-1][1]._replace(net=whole)

    def _share(self, basis: BasisRecorded, slot: Slot) -> Share | None:
        """Also the empty one of a payment of which nothing is left here."""
        terms = self.rules.programme.covering(basis.paid_on)
        none = Share(terms.version, Decimal(0)) if terms else None
        return self.rules.shares(basis).get(slot, none)

    def _count(self, shares: Shares, sign: int) -> None:
        for slot, (version, net) in shares.items():
            parts = self.parts.setdefault(slot, {})
            parts[version] = parts.get(version, Decimal(0)) + sign * net
