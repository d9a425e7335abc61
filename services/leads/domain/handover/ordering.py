"""A hand-over is ordered once; each thing then decides whether it is still the leaver's."""

from collections.abc import Sequence

from services.leads.domain.handover.commands import OrderHandOver
from services.leads.domain.handover.events import HandOverOrdered
from shared.kernel.decider import Decider
from shared.kernel.errors import Refused

Ordered = HandOverOrdered | None


def decide(command: OrderHandOver, ordered: Ordered) -> Sequence[HandOverOrdered]:
    if ordered is not None:
        raise Refused("hand-over-exists", f"{command.hand_over_id} was ordered: choose another id")
    if command.leaver == command.successor:
        raise Refused("hand-over-pointless", "hand it to somebody else")
    return [
        HandOverOrdered(
            hand_over_id=command.hand_over_id,
            leaver=command.leaver,
            successor=command.successor,
            items=command.items,
        )
    ]


def evolve(_: Ordered, fact: HandOverOrdered) -> Ordered:
    return fact


HAND_OVER: Decider[OrderHandOver, Ordered, HandOverOrdered] = Decider(decide, evolve, None)
