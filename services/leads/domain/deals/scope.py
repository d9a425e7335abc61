"""Who may have a customer, product line and region: one stream, as it spans partners (L-06).

An approval waits while an undecided registration of the same scope is earlier; if that one comes
into force the waiting one is refused, if it falls the earliest waiting one comes into force.
Without a project a registration is about the whole scope.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from immutables import Map

from services.leads.domain.deals.commands import (
    AskScope,
    EnterScope,
    LeaveScope,
    RenewScope,
    ScopeCommand,
)
from services.leads.domain.deals.events import (
    ScopeEntered,
    ScopeEvent,
    ScopeGranted,
    ScopeHeld,
    ScopeLeft,
    ScopeRefused,
    ScopeRenewed,
)
from shared.kernel.decider import Decider


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`until`: when its protection ends, if that is known."""

    registration_id: str
    partner_id: str
    project: str | None
    completed_at: datetime
    status: Literal["undecided", "waiting", "in-force"] = "undecided"
    until: datetime | None = None

    @property
    def priority(self) -> tuple[datetime, str]:
        return self.completed_at, self.registration_id

    def meets(self, project: str | None) -> bool:
        return self.project is None or project is None or self.project == project

    def over(self, at: datetime) -> bool:
        return self.status == "in-force" and self.until is not None and self.until <= at


@dataclass(frozen=True, slots=True, kw_only=True)
class Cooling:
    partner_id: str
    project: str | None
    free_from: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    entries: Map[str, Entry] = field(default_factory=Map)
    cooling: tuple[Cooling, ...] = ()

    def rivals(self, entry: Entry) -> list[Entry]:
        """Those of the same scope, the first by priority first."""
        own = entry.registration_id
        others = (one for one in self.entries.values() if one.registration_id != own)
        return sorted((one for one in others if one.meets(entry.project)), key=priority)


def priority(entry: Entry) -> tuple[datetime, str]:
    return entry.priority


def decide(command: ScopeCommand, scope: Scope) -> Sequence[ScopeEvent]:
    entry = scope.entries.get(command.registration_id)
    match command:
        case EnterScope() if entry is None:
            return [entered(command, scope)]
        case AskScope() if entry and entry.status == "undecided":
            return [*asked(entry, scope, command.at)]
        case RenewScope() if entry and entry.status == "in-force":
            return [renewed(command, entry)]
        case LeaveScope() if entry:
            left = ScopeLeft(
                registration_id=entry.registration_id,
                partner_id=entry.partner_id,
                free_from=command.free_from,
            )
            return [left, *moved_up(evolve(scope, left), command.at)]
        case _:
            return []


def evolve(scope: Scope, fact: ScopeEvent) -> Scope:
    match fact:
        case ScopeEntered():
            return _put(scope, standing(fact))
        case ScopeHeld():
            return _put(scope, replace(scope.entries[fact.registration_id], status="waiting"))
        case ScopeGranted():
            return _put(scope, replace(scope.entries[fact.registration_id], status="in-force"))
        case ScopeRenewed():
            return _put(scope, replace(scope.entries[fact.registration_id], until=fact.until))
        case ScopeRefused():
            return _without(scope, fact.registration_id)
        case ScopeLeft():
            return _without(_cooling(scope, fact), fact.registration_id)


def entered(command: EnterScope, scope: Scope) -> ScopeEntered | ScopeRefused:
    entry = ScopeEntered(
        registration_id=command.registration_id,
        partner_id=command.partner_id,
        project=command.project,
        completed_at=command.completed_at,
    )
    for rival in scope.rivals(standing(entry)):
        if rival.partner_id == command.partner_id and not rival.over(command.at):
            return refused(standing(entry), "already-registered", rival)
    if any(cools(one, command) for one in scope.cooling):
        return refused(standing(entry), "cooling-down")
    return entry


def cools(one: Cooling, command: EnterScope) -> bool:
    same = one.partner_id == command.partner_id
    meets = one.project is None or command.project in {None, one.project}
    return same and meets and command.completed_at < one.free_from


def asked(entry: Entry, scope: Scope, at: datetime) -> Iterator[ScopeEvent]:
    rivals = [one for one in scope.rivals(entry) if not one.over(at)]
    holder = next((one for one in rivals if one.status == "in-force"), None)
    earlier = next((one for one in rivals if one.priority < entry.priority), None)
    if holder:
        yield refused(entry, "scope-taken", holder)
    elif earlier:
        yield ScopeHeld(
            registration_id=entry.registration_id,
            partner_id=entry.partner_id,
            behind=earlier.registration_id,
        )
    else:
        yield from granted(entry, rivals)


def granted(entry: Entry, rivals: Sequence[Entry]) -> Iterator[ScopeEvent]:
    yield ScopeGranted(registration_id=entry.registration_id, partner_id=entry.partner_id)
    for rival in rivals:
        if rival.status == "waiting":
            yield refused(rival, "scope-taken", entry)


def moved_up(scope: Scope, at: datetime) -> Iterator[ScopeEvent]:
    """Who waited, and now waits for nobody any more."""
    waiting = (one for one in scope.entries.values() if one.status == "waiting")
    for entry in sorted(waiting, key=priority):
        if entry.registration_id not in scope.entries:
            continue
        for fact in asked(entry, scope, at):
            if not isinstance(fact, ScopeHeld):
                yield fact
                scope = evolve(scope, fact)


def refused(entry: Entry, reason: str, by: Entry | None = None) -> ScopeRefused:
    return ScopeRefused(
        registration_id=entry.registration_id,
        partner_id=entry.partner_id,
        reason=reason,
        by=by.registration_id if by else None,
    )


def renewed(command: RenewScope, entry: Entry) -> ScopeRenewed:
    return ScopeRenewed(
        registration_id=entry.registration_id,
        partner_id=entry.partner_id,
        until=command.until,
    )


def standing(fact: ScopeEntered) -> Entry:
    return Entry(
        registration_id=fact.registration_id,
        partner_id=fact.partner_id,
        project=fact.project,
        completed_at=fact.completed_at,
    )


def _put(scope: Scope, entry: Entry) -> Scope:
    return replace(scope, entries=scope.entries.set(entry.registration_id, entry))


def _without(scope: Scope, registration_id: str) -> Scope:
    if registration_id not in scope.entries:
        return scope
    return replace(scope, entries=scope.entries.delete(registration_id))


def _cooling(scope: Scope, fact: ScopeLeft) -> Scope:
    if fact.free_from is None:
        return scope
    project = scope.entries[fact.registration_id].project
    cooling = Cooling(partner_id=fact.partner_id, project=project, free_from=fact.free_from)
    return replace(scope, cooling=(*scope.cooling, cooling))


SCOPE: Decider[ScopeCommand, Scope, ScopeEvent] = Decider(decide, evolve, Scope())
