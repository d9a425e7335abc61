"""Whoever asks something of the platform in a story: each desk knows what it may ask for."""

from collections.abc import Iterator

from tests.reliability.simulation.desks.deals import Deals
from tests.reliability.simulation.desks.funds import Funds
from tests.reliability.simulation.desks.leads import Leads
from tests.reliability.simulation.desks.partners import Partners
from tests.reliability.simulation.desks.pen import PARTNERS, Desk, Kinds, Pen
from tests.reliability.simulation.desks.rebates import Rebates
from tests.reliability.simulation.desks.targets import Targets
from tests.reliability.simulation.desks.trade import Trade
from tests.reliability.simulation.moves import Ask, Report, Work

__all__ = ["PARTNERS", "Kinds", "Pen", "business"]
COMMANDS = 60


def business(pen: Pen) -> Iterator[Ask | Report | Work]:
    """What is set up comes first, most of the time."""
    random, trade = pen.random, Trade(pen)
    desks: list[Desk] = [
        Partners(pen), Leads(pen), Deals(pen), trade, Rebates(pen), Funds(pen), Targets(pen)
    ]  # fmt: skip
    begun = [one for desk in desks for one in desk.begun()]
    late = [begun.pop(random.randrange(len(begun))) for _ in range(random.choice((0, 0, 1, 3)))]
    yield Work(1)
    yield from begun
    yield Work(random.choice((0, 8, 8)))
    kinds: Kinds = {kind: weight for desk in desks for kind, weight in desk.kinds().items()}
    for _ in range(COMMANDS):
        if late and not random.randrange(8):
            yield late.pop()
        (kind,) = random.choices([*kinds], weights=[*kinds.values()])
        yield kind()
    yield from late
    yield Work(random.choice((0, 8)))
    yield from trade.ended()
