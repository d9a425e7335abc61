"""Accounts as they were: folded on request from the ledgers, by both axes of time."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from operator import itemgetter

from services.rebates.api.sought import Sought
from services.rebates.domain.account import account_id
from services.rebates.domain.events import AccountKey
from services.rebates.domain.ledger import Ledger, ledger_stream
from services.rebates.domain.partner import Levels, partner_stream
from services.rebates.domain.periods import days_of, kind_of, year_of
from services.rebates.domain.programme import Programme, programme_stream
from services.rebates.domain.rules import Rules, Slot, Tally
from services.rebates.projections.accounts import item, place
from services.rebates.projections.entries import ENTRIES
from services.rebates.projections.knowledge import key_of, ledgers, programmes, rules
from shared.contracts.money import Money
from shared.kernel.codec import restored
from shared.kernel.errors import Malformed, NotFound
from shared.kernel.paging import every
from shared.kernel.policy import Read
from shared.kernel.ports import Condition, Document, Page

Booked = dict[str, tuple[Money | None, Money]]


@dataclass(frozen=True, slots=True)
class Found:
    """One account, with the payments behind it."""

    key: AccountKey
    slot: Slot
    tally: Tally


@dataclass(frozen=True, slots=True)
class Past:
    """What was known before a boundary, of payments up to a day."""

    read: Read
    sought: Sought

    async def page(self, cursor: str | None, limit: int) -> Page:
        """In the order of the present list; the cursor is the place of the last item."""
        after = _opened(cursor) if cursor else ""
        rows: list[Document] = []
        async for row in self._rows(since=after.partition("\x1f")[0]):
            if place(row) > after:
                rows.append(row)
            if len(rows) > limit:
                return Page(rows[:limit], _closed(place(rows[limit - 1])))
        return Page(rows)

    async def one(self, *, empty: bool = False) -> Found:
        """The account that is meant, or why there is none; `empty`: also one without money."""
        programme_id, partner_id, period = self._named()
        programme: Programme = await self.read.fold(programme_stream(programme_id))
        lens = await rules(self.read, programme, partner_id)
        ledger: Ledger = await self.read.fold(ledger_stream(partner_id, year_of(period)))
        tally = self._tally(lens, ledger, period)
        slots = list(self._slots(tally))
        if empty and not slots:
            slots = await self._empty(lens.programme, partner_id, period)
        if len(slots) > 1:
            raise Malformed("account-ambiguous", "name the partition too")
        if not slots:
            raise NotFound("account-not-found")
        return Found(key_of(lens, partner_id, slots[0]), slots[0], tally)

    async def _empty(self, programme: Programme, partner_id: str, period: str) -> list[Slot]:
        """The place where an enrolled partner's first money in this period would count."""
        terms = programme.usual(period) if programme.versions else None
        known: Levels = await self.read.fold(partner_stream(partner_id))
        if terms is None or terms.period != kind_of(period) or not known.version:
            return []
        named = self.sought.partition
        values = tuple(named.split("/", len(terms.partition) - 1)) if named else ()
        return [Slot(period, values)] if len(values) == len(terms.partition) else []

    def _named(self) -> tuple[str, str, str]:
        sought = self.sought
        if sought.programme is None or sought.partner is None or sought.period is None:
            raise Malformed("account-unnamed", "name the programme, the partner and the period")
        return sought.programme, sought.partner, sought.period

    async def _rows(self, since: str) -> AsyncIterator[Document]:
        """Partner by partner, so that a page folds only the ledgers it shows."""
        known = [one for one in await programmes(self.read) if self._asks(one)]
        rows: list[Document] = []
        async for partner_id, ledger in ledgers(self.read, *self._ledgers(since)):
            if rows and rows[0]["partner_id"] != partner_id:
                for row in sorted(rows, key=place):
                    yield row
                rows = []
            booked = await self._booked(partner_id)
            for programme in known:
                lens = await rules(self.read, programme, partner_id)
                rows += self._items(lens, ledger, partner_id, booked)
        for row in sorted(rows, key=place):
            yield row

    def _asks(self, programme: Programme) -> bool:
        return self.sought.programme in {None, programme.latest.programme_id}

    def _ledgers(self, since: str) -> Iterator[Condition]:
        if since:
            yield "partner_id", "ge", since
        if self.sought.partner is not None:
            yield "partner_id", "eq", self.sought.partner
        if self.sought.period is not None:
            yield "year", "eq", f"{year_of(self.sought.period):04}"

    def _items(
        self, lens: Rules, ledger: Ledger, partner_id: str, booked: Booked
    ) -> Iterator[Document]:
        tally = self._tally(lens, ledger, self.sought.period)
        for slot in self._slots(tally):
            standing = tally.standing(slot)
            key = key_of(lens, partner_id, slot)
            nothing = (None, Money.zero(standing.volume.currency).rounded())
            then = booked.get(account_id(key), nothing)
            yield item(key, tally.rules.programme.schedule(slot.period), standing, then)

    def _tally(self, lens: Rules, ledger: Ledger, period: str | None) -> Tally:
        bases = ledger.between(*days_of(period)) if period else ledger.all()
        bases = (one for one in bases if one.paid_on <= self.sought.until)
        if (boundary := self.sought.boundary) is None:
            return Tally(lens, bases)
        known = (one for one in bases if one.recorded_at < boundary)
        return Tally(lens.before(boundary), known)

    def _slots(self, tally: Tally) -> Iterator[Slot]:
        for slot in tally.parts:
            same_period = self.sought.period in {None, slot.period}
            if same_period and self.sought.partition in {None, "/".join(slot.values)}:
                yield slot

    async def _booked(self, partner_id: str) -> Booked:
        """What was settled and adjusted by then."""
        where: list[Condition] = [("partner_id", "eq", partner_id)]
        if boundary := self.sought.boundary:
            where.append(("at", "lt", boundary.isoformat()))
        found: Booked = {}
        entries = [row async for row in every(self.read, ENTRIES.name, *where)]
        for row in sorted(entries, key=itemgetter("number")):
            amount: Money = restored(row["amount"], Money)
            settled, adjusted = found.get(row["account_id"], (amount, -amount))
            found[row["account_id"]] = (settled, adjusted + amount)
        return found


def _opened(cursor: str) -> str:
    try:
        return urlsafe_b64decode(cursor.encode("ascii")).decode()
    except ValueError:
        raise Malformed("cursor-malformed", "send back the cursor of the last page") from None


def _closed(place_: str) -> str:
    return urlsafe_b64encode(place_.encode()).decode("ascii")
