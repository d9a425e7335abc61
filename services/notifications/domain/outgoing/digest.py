"""A digest gathers what one endpoint is told about one kind of thing, until it is due."""

from dataclasses import dataclass
from typing import get_args

from services.notifications.domain.outgoing.commands import (
    CloseDigest,
    DigestCommand,
    ExtendDigest,
)
from services.notifications.domain.outgoing.events import DigestClosed, DigestEvent, DigestExtended
from shared.contracts.ids import named
from shared.kernel.decider import Aggregate, Decider


@dataclass(frozen=True, slots=True)
class Digest:
    """What is in it by now; `number` counts those that were closed."""

    gathered: tuple[DigestExtended, ...] = ()
    number: int = 0


def decide(command: DigestCommand, digest: Digest) -> list[DigestEvent]:
    match command:
        case ExtendDigest():
            return [extended(command, digest)]
        case CloseDigest() if digest.gathered:
            return [closed(digest)]
        case _:
            return []


def extended(command: ExtendDigest, digest: Digest) -> DigestExtended:
    return DigestExtended(
        endpoint_id=command.endpoint_id,
        owner=command.owner,
        partner_id=command.partner_id,
        channel=command.channel,
        about=command.about,
        item=command.item,
        due=digest.gathered[0].due if digest.gathered else command.due,
    )


def closed(digest: Digest) -> DigestClosed:
    first = digest.gathered[0]
    return DigestClosed(
        endpoint_id=first.endpoint_id,
        owner=first.owner,
        partner_id=first.partner_id,
        channel=first.channel,
        about=first.about,
        number=digest.number + 1,
        items=tuple(each.item for each in digest.gathered),
    )


def evolve(digest: Digest, fact: DigestEvent) -> Digest:
    match fact:
        case DigestExtended():
            return Digest((*digest.gathered, fact), digest.number)
        case DigestClosed():
            return Digest((), fact.number)


def digest_stream(endpoint_id: str, about: str) -> str:
    return f"notifications.digest-{named(endpoint_id, about)}"


DECIDER: Decider[DigestCommand, Digest, DigestEvent] = Decider(decide, evolve, Digest())
DIGEST = Aggregate(name="digest", decider=DECIDER, facts=get_args(DigestEvent))
