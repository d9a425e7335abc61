"""How many customers of the pool somebody has claimed on a day: it spans customers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from immutables import Map

from services.leads.domain.ownership.commands import CountClaim
from services.leads.domain.ownership.events import ClaimantEvent, ClaimCounted, ClaimRefused
from shared.contracts.calendar import business_day
from shared.kernel.decider import Decider


@dataclass(frozen=True, slots=True)
class Claimant:
    claims: Map[date, int] = field(default_factory=Map)

    def on(self, day: date) -> int:
        return self.claims.get(day, 0)


def decide(command: CountClaim, claimant: Claimant) -> Sequence[ClaimantEvent]:
    day = business_day(command.at)
    fact = ClaimCounted if claimant.on(day) < command.claims_a_day else ClaimRefused
    return [fact(customer_id=command.customer_id, claimant=command.claimant, day=day)]


def evolve(claimant: Claimant, fact: ClaimantEvent) -> Claimant:
    match fact:
        case ClaimCounted():
            return Claimant(claimant.claims.set(fact.day, claimant.on(fact.day) + 1))
        case ClaimRefused():
            return claimant


CLAIMANT: Decider[CountClaim, Claimant, ClaimantEvent] = Decider(decide, evolve, Claimant())
