"""From a ledger to the command for an account: what a payment, a rule or a deadline does to it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.rebates.domain.account import Absent, Account
from services.rebates.domain.commands import Assess, Settle
from services.rebates.domain.events import AccountKey, BasisRecorded, Taken
from services.rebates.domain.late import is_late
from services.rebates.domain.ledger import Ledger
from services.rebates.domain.periods import days_of
from services.rebates.domain.programme import INSTANT
from services.rebates.domain.rules import Rules, Slot, Tally
from services.rebates.domain.standing import LATE, LEVEL, MONEY, VERSION, Standing, Step

Change = tuple[datetime, str, BasisRecorded | None]
"""When what became known: a payment, or rules."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An account as it is, beside all that is known now."""

    key: AccountKey
    account: Account
    rules: Rules
    ledger: Ledger

    def on_payment(self, basis: BasisRecorded, version: int, at: datetime) -> Assess:
        """With the ledger as that payment left it, and the rules the account lives by.

        An account that is there moves by the difference, so it stays as cheap as it was.
        """
        if isinstance(self.account, Absent):
            rules, now = self.rules, self._counted(self.rules, version)
        else:
            rules = self._own_rules
            now = self._moved(rules, basis, version)
        step = Step(standing=now, reason=MONEY[basis.kind], cause=basis.source)
        return self._assess(rules, version, (step,), at)

    def on_rules(self, reason: str, cause: UUID, at: datetime) -> Assess:
        """A version or a level: what the old rules still owe, then what the new ones make."""
        version = self.ledger.version
        new = Step(standing=self._counted(self.rules, version), reason=reason, cause=cause)
        if isinstance(self.account, Absent):
            return self._assess(self.rules, version, (new,), at)
        owed = self._counted(self._own_rules, version)
        old = Step(standing=owed, reason=LATE, cause=cause)
        return self._assess(self.rules, version, (old, new), at)

    def on_deadline(self, boundary: datetime, cause: UUID, at: datetime) -> Settle:
        """What was recorded before the boundary is settled, whenever this runs (ruling r2)."""
        bases = sorted(self._bases, key=lambda one: (one.recorded_at, one.place, one.revision))
        early = [one for one in bases if one.recorded_at < boundary]
        later = self._changes(bases[len(early) :], boundary)
        tally = Tally(self.rules.before(boundary), early)
        return Settle(
            key=self.key,
            schedule=self.rules.programme.schedule(self.key.period),
            since=self._since,
            taken=self._taken(self.rules, self.ledger.version),
            due=tally.standing(self._slot),
            counted=tuple(basis.source for basis, _ in tally.leaves(self._slot)),
            steps=tuple(self._steps(tally, early, later, cause)),
            cause=cause,
            at=at,
        )

    def _steps(
        self, tally: Tally, early: Iterable[BasisRecorded], later: Iterable[Change], cause: UUID
    ) -> Iterator[Step]:
        """What became known after the boundary, one thing after the other."""
        known, before = [*early], tally.standing(self._slot)
        for moment, reason, basis in later:
            if basis:
                known.append(basis)
                tally.add(basis)
            else:
                tally = Tally(self.rules.before(moment + INSTANT), known)
            now = tally.standing(self._slot)
            if now != before:
                yield Step(standing=now, reason=reason, cause=basis.source if basis else cause)
            before = now

    def _changes(self, late: Iterable[BasisRecorded], boundary: datetime) -> list[Change]:
        programme, levels = self.rules.programme.published, self.rules.levels.recorded
        versions = [(one.published_at, VERSION, None) for one in programme]
        rises = [(one.recorded_at, LEVEL, None) for one in levels]
        rules = [change for change in (*versions, *rises) if change[0] >= boundary]
        money = [(one.recorded_at, MONEY[one.kind], one) for one in late]
        return sorted([*rules, *money], key=lambda change: change[0])

    def _assess(self, rules: Rules, version: int, steps: tuple[Step, ...], at: datetime) -> Assess:
        return Assess(
            key=self.key,
            schedule=rules.programme.schedule(self.key.period),
            since=self._since,
            taken=self._taken(rules, version),
            steps=steps,
            at=at,
        )

    def _counted(self, rules: Rules, version: int) -> Standing:
        bases = self.ledger.until(version, *days_of(self.key.period))
        return Tally(rules, bases).standing(self._slot)

    def _moved(self, rules: Rules, basis: BasisRecorded, version: int) -> Standing:
        assert not isinstance(self.account, Absent)
        known = self.ledger.revisions(basis.paid_on, basis.document)
        earlier = [record.basis for record in known if record.version < version]
        if any(is_late(rules, one) for one in (*earlier, basis)):
            return self._counted(rules, version)
        before = max(earlier, key=lambda one: one.revision, default=None)
        tally = Tally.resumed(rules, self._slot, self.account.standing, before)
        tally.add(basis)
        return tally.standing(self._slot)

    @property
    def _bases(self) -> Iterator[BasisRecorded]:
        return self.ledger.between(*days_of(self.key.period))

    @property
    def _slot(self) -> Slot:
        return Slot(self.key.period, self.key.values)

    @property
    def _own_rules(self) -> Rules:
        since = self._since
        return self.rules.upto(since.programme, since.levels) if since else self.rules

    @property
    def _since(self) -> Taken | None:
        return None if isinstance(self.account, Absent) else self.account.taken

    @staticmethod
    def _taken(rules: Rules, version: int) -> Taken:
        programme, levels = rules.programme.newest, rules.levels.version
        return Taken(ledger=version, programme=programme, levels=levels)
