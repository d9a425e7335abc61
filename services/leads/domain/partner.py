"""What leads knows of a partner: told in any order, the highest revision counts."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from services.leads.domain.commands import (
    LearnCoverage,
    LearnLevel,
    LearnStanding,
    PartnerCommand,
)
from services.leads.domain.events import (
    CoverageLearned,
    LevelLearned,
    PartnerEvent,
    StandingLearned,
)
from shared.kernel.decider import Decider


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """Not known before its coverage is, whatever else was heard of it."""

    coverage: CoverageLearned | None = None
    level: LevelLearned | None = None
    standing: StandingLearned | None = None

    @property
    def suspended(self) -> bool:
        return self.standing is not None and self.standing.suspended


def decide(command: PartnerCommand, partner: Partner) -> Sequence[PartnerEvent]:
    match command:
        case LearnCoverage():
            return [*covers(command, partner), *ranks(command, partner)]
        case LearnLevel():
            return ranks(command, partner)
        case LearnStanding() if newer(command.revision, partner.standing):
            return [
                StandingLearned(
                    partner_id=command.partner_id,
                    suspended=command.suspended,
                    revision=command.revision,
                )
            ]
        case _:
            return []


def evolve(partner: Partner, fact: PartnerEvent) -> Partner:
    match fact:
        case CoverageLearned():
            return replace(partner, coverage=fact)
        case LevelLearned():
            return replace(partner, level=fact)
        case StandingLearned():
            return replace(partner, standing=fact)


def covers(command: LearnCoverage, partner: Partner) -> list[PartnerEvent]:
    if not newer(command.revision, partner.coverage):
        return []
    return [
        CoverageLearned(
            partner_id=command.partner_id,
            regions=command.regions,
            industries=command.industries,
            product_lines=command.product_lines,
            revision=command.revision,
        )
    ]


def ranks(command: LearnCoverage | LearnLevel, partner: Partner) -> list[PartnerEvent]:
    if not newer(command.revision, partner.level):
        return []
    return [
        LevelLearned(partner_id=command.partner_id, level=command.level, revision=command.revision)
    ]


def newer(revision: int, than: PartnerEvent | None) -> bool:
    return than is None or revision > than.revision


PARTNER: Decider[PartnerCommand, Partner, PartnerEvent] = Decider(decide, evolve, Partner())
