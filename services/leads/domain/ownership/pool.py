"""The rules of the public pool, in versions; the last one counts."""

from collections.abc import Sequence

from services.leads.domain.ownership.commands import PublishPoolRules
from services.leads.domain.ownership.events import PoolRulesPublished, PoolTerms
from shared.kernel.decider import Decider

BUILT_IN = PoolRulesPublished(version=0, terms=PoolTerms())


def decide(command: PublishPoolRules, pool: PoolRulesPublished) -> Sequence[PoolRulesPublished]:
    return [PoolRulesPublished(version=pool.version + 1, terms=command.terms)]


def evolve(_: PoolRulesPublished, fact: PoolRulesPublished) -> PoolRulesPublished:
    return fact


POOL: Decider[PublishPoolRules, PoolRulesPublished, PoolRulesPublished] = Decider(
    decide, evolve, BUILT_IN
)
