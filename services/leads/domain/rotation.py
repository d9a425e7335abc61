"""Smooth weighted rotation over one rule's partners, and how many leads each holds (l1, l2)."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from immutables import Map

from services.leads.domain.commands import Contender, FreePlace, GiveTurn, RotationCommand
from services.leads.domain.events import (
    CandidatesExhausted,
    PlaceFreed,
    RotationEvent,
    TurnGiven,
)
from shared.contracts.leads import Candidate
from shared.kernel.decider import Decider

ZERO = Decimal(0)
Credits = Map[str, Decimal]


@dataclass(frozen=True, slots=True)
class Place:
    offer: int
    partner_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """`credits` per rule version; `places` are open offers and accepted leads not yet closed."""

    credits: Map[int, Credits] = field(default_factory=Map)
    places: Map[str, Place] = field(default_factory=Map)
    held: Map[str, int] = field(default_factory=Map)


def decide(command: RotationCommand, rotation: Rotation) -> Sequence[RotationEvent]:
    match command:
        case GiveTurn() if command.lead_id not in rotation.places:
            return [turn(command, rotation)]
        case FreePlace() if place := rotation.places.get(command.lead_id):
            return freed(command, place)
        case _:
            return []


def evolve(rotation: Rotation, fact: RotationEvent) -> Rotation:
    match fact:
        case TurnGiven():
            return taken(rotation, fact)
        case PlaceFreed():
            return replace(
                rotation,
                places=rotation.places.delete(fact.lead_id),
                held=rotation.held.set(fact.partner_id, rotation.held[fact.partner_id] - 1),
            )
        case CandidatesExhausted():
            return rotation


def turn(command: GiveTurn, rotation: Rotation) -> TurnGiven | CandidatesExhausted:
    """Each who can have it gains its weight; the richest, or first by id, pays for the turn."""
    credits = rotation.credits.get(command.rule.version, Map())
    asked = sorted(command.contenders, key=lambda one: one.partner_id)
    candidates = tuple(candidate(one, credits, full(one, command, rotation)) for one in asked)
    able = [one for one in candidates if one.excluded is None]
    if not able:
        return CandidatesExhausted(
            lead_id=command.lead_id,
            offer=command.offer,
            rule=command.rule,
            candidates=candidates,
        )
    weights = {one.partner_id: one.weight for one in asked}
    return TurnGiven(
        lead_id=command.lead_id,
        offer=command.offer,
        rule=command.rule,
        partner_id=max(able, key=lambda one: one.score).partner_id,
        candidates=candidates,
        cost=sum((Decimal(weights[one.partner_id]) for one in able), ZERO),
        sla=command.sla,
    )


def candidate(one: Contender, credits: Credits, full: bool) -> Candidate:
    excluded = one.excluded or ("at-capacity" if full else None)
    gained = 0 if excluded else one.weight
    score = credits.get(one.partner_id, ZERO) + gained
    return Candidate(partner_id=one.partner_id, score=score, excluded=excluded)


def full(one: Contender, command: GiveTurn, rotation: Rotation) -> bool:
    capacity = command.capacity
    return capacity is not None and rotation.held.get(one.partner_id, 0) >= capacity


def taken(rotation: Rotation, fact: TurnGiven) -> Rotation:
    credits = rotation.credits.get(fact.rule.version, Map())
    for one in fact.candidates:
        cost = fact.cost if one.partner_id == fact.partner_id else ZERO
        credits = credits.set(one.partner_id, one.score - cost)
    return Rotation(
        credits=rotation.credits.set(fact.rule.version, credits),
        places=rotation.places.set(fact.lead_id, Place(fact.offer, fact.partner_id)),
        held=rotation.held.set(fact.partner_id, rotation.held.get(fact.partner_id, 0) + 1),
    )


def freed(command: FreePlace, place: Place) -> list[PlaceFreed]:
    if place.offer != command.offer:
        return []
    return [PlaceFreed(lead_id=command.lead_id, offer=command.offer, partner_id=place.partner_id)]


ROTATION: Decider[RotationCommand, Rotation, RotationEvent] = Decider(decide, evolve, Rotation())
