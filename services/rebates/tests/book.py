"""A partner's rebates without a platform: ledgers and accounts, moved by our own deciders."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

from services.rebates.domain import account, ledger, partner, programme
from services.rebates.domain.account import Absent, Account, Settled
from services.rebates.domain.assessing import Case
from services.rebates.domain.basis import Piece
from services.rebates.domain.commands import PublishProgramme, RecordBasis, RecordLevel
from services.rebates.domain.events import AccountKey, BasisRecorded
from services.rebates.domain.explanation import Explanation, explained
from services.rebates.domain.ledger import Ledger
from services.rebates.domain.partner import Levels
from services.rebates.domain.programme import Programme
from services.rebates.domain.rules import Rules, Slot, Tally
from services.rebates.domain.standing import LEVEL, VERSION, Standing
from services.rebates.domain.terms import Filter, Terms, Tier
from shared.contracts.event import Event
from shared.contracts.ids import named
from shared.contracts.money import Money


def cny(amount: str) -> Money:
    return Money(Decimal(amount), "CNY")


def china(text: str) -> datetime:
    """2026-04-08 or 2026-04-08T09:30, in the business zone."""
    clock = text if "T" in text else f"{text}T00:00"
    return datetime.fromisoformat(f"{clock}+08:00")


def terms(**changed: Any) -> Terms:
    """The seed rule Q-A."""
    tiers = changed.pop("tiers", {"500000": "0.03", "1000000": "0.05"})
    given: dict[str, Any] = {
        "programme_id": "q-a",
        "version": 1,
        "effective_from": date(2026, 1, 1),
        "effective_to": None,
        "currency": "CNY",
        "filter": Filter(product_lines=("A",)),
        "partition": ("product_line",),
        "basis": "collected",
        "method": "whole",
        "tiers": tuple(
            Tier(threshold=Decimal(start), rate=Decimal(rate)) for start, rate in tiers.items()
        ),
        "period": "quarter",
        "grace_days": 10,
        "settle_after": timedelta(hours=1),
        "settlement": "automatic",
    }
    return Terms(**given | changed)


def record(  # noqa: PLR0913
    document_no: str,
    paid_on: str,
    recorded: str,
    *pieces: tuple[str, str],
    revision: int = 1,
    region: str = "east",
    returned_on: str | None = None,
) -> RecordBasis:
    """A payment of the given (product line, net) pieces; its source id follows from its number.

    With `returned_on` it is what a refund left of it.
    """
    return RecordBasis(
        partner_id="p1",
        source=named("payment", document_no, revision),
        source_system="bank",
        document_no=document_no,
        paid_on=date.fromisoformat(paid_on),
        revision=revision,
        recorded_at=china(recorded),
        pieces=tuple(
            Piece(order_id="o1", region=region, product_line=line, net=cny(net))
            for line, net in pieces
        ),
        kind="refund" if returned_on else "payment",
        returned_on=date.fromisoformat(returned_on) if returned_on else None,
        at=china(paid_on),
    )


@dataclass
class Book:
    """One partner, one year, one programme. While it lags, reactions wait; settlements do not."""

    programme: Programme = Programme()  # noqa: RUF009 (it is frozen)
    ledger: Ledger = Ledger()  # noqa: RUF009
    levels: Levels = Levels()  # noqa: RUF009
    accounts: dict[AccountKey, Account] = field(default_factory=dict)
    facts: dict[AccountKey, list[Event]] = field(default_factory=dict)
    lagging: bool = False
    waiting: list[Callable[[], None]] = field(default_factory=list)

    def publish(self, version: Terms, at: str = "2025-12-20") -> None:
        command = PublishProgramme(terms=version, at=china(at))
        for fact in programme.decide(command, self.programme):
            self.programme = programme.evolve(self.programme, fact)
            cause = named("published", version.version)
            self._then(partial(self._recount, version.version - 1, None, VERSION, cause))

    def level(self, level: str, at: str, recorded: str | None = None) -> None:
        command = RecordLevel(
            partner_id="p1",
            level=level,
            source=named(level, at),
            sequence=self.levels.version + 1,
            recorded_at=china(recorded or at),
            at=china(at),
        )
        for fact in partner.decide(command, self.levels):
            known = self.levels.version
            self.levels = partner.evolve(self.levels, fact)
            self._then(partial(self._recount, None, known, LEVEL, fact.source))

    def pay(self, command: RecordBasis) -> None:
        for fact in ledger.decide(command, self.ledger):
            self.ledger = ledger.evolve(self.ledger, fact)
            self._then(partial(self._react, fact, self.ledger.version))

    def lag(self, lagging: bool) -> None:
        self.lagging = lagging
        while self.waiting and not lagging:
            self.waiting.pop(0)()

    def _then(self, reaction: Callable[[], None]) -> None:
        self.waiting.append(reaction)
        self.lag(self.lagging)

    def _react(self, fact: BasisRecorded, version: int) -> None:
        known = self.ledger.revisions(fact.paid_on, fact.document)
        bases = [one.basis for one in known if one.version <= version]
        for slot in self.rules.touched(bases):
            command = self.case(slot).on_payment(fact, version, fact.occurred_at)
            self._ask(self.key(slot), command)

    def settle(self, requested: str = "2026-04-11T01:00") -> None:
        for slot in Tally(self.rules, self.ledger.all()).parts:
            boundary = self.programme.boundary(slot.period, china(requested))
            cause = named("timer", slot.period)
            command = self.case(slot).on_deadline(boundary, cause, china(requested))
            self._ask(self.key(slot), command)

    def standing(
        self, slot: Slot, as_at: str | None = None, as_of: str = "9000-01-01"
    ) -> Standing:
        return self.tally(as_at, as_of).standing(slot)

    def tally(self, as_at: str | None = None, as_of: str = "9000-01-01") -> Tally:
        last = date.fromisoformat(as_of)
        bases = [one for one in self.ledger.all() if one.paid_on <= last]
        if as_at is None:
            return Tally(self.rules, bases)
        boundary = china(as_at) + timedelta(days=1)
        known = [one for one in bases if one.recorded_at < boundary]
        return Tally(self.rules.before(boundary), known)

    def explain(self, slot: Slot) -> Explanation:
        return explained(self.tally(), slot)

    def told(self, slot: Slot, kind: type[Event]) -> list[Any]:
        return [fact for fact in self.facts.get(self.key(slot), []) if isinstance(fact, kind)]

    def booked(self, slot: Slot) -> Money:
        settled = self.accounts[self.key(slot)]
        assert isinstance(settled, Settled)
        return settled.booked

    @property
    def rules(self) -> Rules:
        return Rules(self.programme, self.levels if self.programme.knows_levels else Levels())

    def key(self, slot: Slot) -> AccountKey:
        return AccountKey(
            programme_id="q-a", partner_id="p1", period=slot.period, values=slot.values
        )

    def case(self, slot: Slot) -> Case:
        key = self.key(slot)
        found = self.accounts.get(key, Absent())
        return Case(key=key, account=found, rules=self.rules, ledger=self.ledger)

    def _recount(self, version: int | None, levels: int | None, reason: str, cause: UUID) -> None:
        rules, newest, known = self.rules, self.programme.newest, self.levels.version
        before = rules.upto(
            newest if version is None else version, known if levels is None else levels
        )
        now = Tally(rules, self.ledger.all()).parts
        for slot in dict.fromkeys([*now, *Tally(before, self.ledger.all()).parts]):
            if slot in now or self.key(slot) in self.accounts:
                command = self.case(slot).on_rules(reason, cause, china("2026-01-01"))
                self._ask(self.key(slot), command)

    def _ask(self, key: AccountKey, command: account.AccountCommand) -> None:
        state = self.accounts.get(key, Absent())
        for fact in account.decide(command, state):
            state = self.accounts[key] = account.evolve(state, fact)
            self.facts.setdefault(key, []).append(fact)
