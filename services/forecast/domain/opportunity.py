"""An opportunity as `leads` tells it: every version once, in whatever order they arrive."""

from services.forecast.domain.commands import RecordOpportunity
from services.forecast.domain.events import OpportunityRecorded
from shared.contracts.ids import named
from shared.kernel.decider import Aggregate, Decider

Places = frozenset[int]


def decide(command: RecordOpportunity, places: Places) -> list[OpportunityRecorded]:
    return [] if command.told.place in places else [command.told]


def evolve(places: Places, fact: OpportunityRecorded) -> Places:
    return places | {fact.place}


def opportunity_stream(opportunity_id: str) -> str:
    return f"forecast.opportunity-{named(opportunity_id)}"


DECIDER: Decider[RecordOpportunity, Places, OpportunityRecorded] = Decider(
    decide, evolve, frozenset()
)
OPPORTUNITY = Aggregate(name="opportunity", decider=DECIDER, facts=(OpportunityRecorded,))
