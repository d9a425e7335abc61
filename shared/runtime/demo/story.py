"""The whole story: eighteen months, in the order in which they happened."""

from collections.abc import Sequence
from hashlib import sha256
from itertools import chain

from shared.runtime.demo import cast, deals, funds, spring, trade
from shared.runtime.demo.steps import Ask

CHAPTERS = (
    cast.partners,
    cast.programmes,
    trade.trade,
    deals.rules,
    deals.deals,
    deals.conflict,
    deals.leaver,
    funds.fund,
    funds.accrued,
    funds.shelves,
    funds.quotas,
    spring.rules,
    spring.leads,
    spring.orders,
    spring.correction,
)
BRIEF = cast.partners, cast.programmes, spring.rules, spring.leads, spring.orders
"""The last weeks only: what the tour is about."""


def story(*, brief: bool = False) -> list[Ask]:
    """What happens at one instant happens in the order of the chapters."""
    every = chain.from_iterable(chapter() for chapter in (BRIEF if brief else CHAPTERS))
    return sorted(every, key=lambda one: one.at)


def edition(told: Sequence[Ask]) -> str:
    """Changes with the story: a folder that holds another one is not gone on with."""
    return sha256(repr(told).encode()).hexdigest()[:12]
