"""A toy context, `things`, with one of everything, and another one, `watch`, that listens."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import get_args

from shared.contracts.event import Envelope, Event
from shared.kernel.claim import Claim, Claimed
from shared.kernel.courier import Channels, Courier
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.errors import NotFound, Refused
from shared.kernel.policy import Asked, Policy, Read
from shared.kernel.ports import Document, Index, People
from shared.kernel.process import Process
from shared.kernel.projection import Projection
from shared.kernel.timer import ClearTimer, Due, SetTimer, Timers
from shared.runtime.context import Context
from tests.kernel.commands import (
    ClearAlarm,
    MakeThing,
    PaintThing,
    RingAlarm,
    SellThing,
    SetAlarm,
    Tally,
    ThingCommand,
)
from tests.kernel.facts import (
    AlarmCleared,
    AlarmRung,
    AlarmSet,
    Tallied,
    ThingEvent,
    ThingMade,
    ThingPainted,
    ThingReported,
    ThingSold,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    thing_id: str = ""
    partner_id: str = ""
    price: int = 0
    colours: tuple[str, ...] = ()
    sold: bool = False
    rung: tuple[str, ...] = ()


def decide(command: ThingCommand, thing: Thing) -> list[ThingEvent]:
    match command:
        case MakeThing():
            return making(command, thing)
        case _ if not thing.thing_id:
            raise NotFound("thing-not-found", "make it first")
        case PaintThing():
            return [ThingPainted(colour=colour) for colour in command.colours]
        case SellThing():
            return [] if thing.sold else [selling(thing)]
        case _:
            return [alarming(command)]


def making(command: MakeThing, thing: Thing) -> list[ThingEvent]:
    if thing.thing_id:
        raise Refused("thing-exists", "make another one")
    thing_id, partner_id = command.thing_id, command.partner_id
    return [ThingMade(thing_id=thing_id, partner_id=partner_id, price=command.price)]


def alarming(command: SetAlarm | ClearAlarm | RingAlarm) -> ThingEvent:
    match command:
        case SetAlarm(name=name, due=due, after_inputs=after_inputs):
            return AlarmSet(name=name, due=due, after_inputs=after_inputs)
        case ClearAlarm(name=name):
            return AlarmCleared(name=name)
        case RingAlarm(name=name, due=due):
            return AlarmRung(name=name, due=due)


def selling(thing: Thing) -> ThingSold:
    return ThingSold(thing_id=thing.thing_id, partner_id=thing.partner_id, price=thing.price)


def evolve(thing: Thing, fact: ThingEvent) -> Thing:
    match fact:
        case ThingMade():
            thing = replace(thing, thing_id=fact.thing_id, partner_id=fact.partner_id)
            return replace(thing, price=fact.price)
        case ThingPainted():
            return replace(thing, colours=(*thing.colours[-9:], fact.colour))
        case ThingSold():
            return replace(thing, sold=True)
        case AlarmRung():
            return replace(thing, rung=(*thing.rung, fact.name))
        case _:
            return thing


THING: Decider[ThingCommand, Thing, ThingEvent] = Decider(decide, evolve, Thing())


def row(key: str, document: Document | None, fact: ThingEvent, envelope: Envelope) -> Document:
    """Order matters to it: the colours in the order they were given."""
    document = document or {"id": key, "colours": [], "sold": False, "facts": 0}
    document |= {"facts": document["facts"] + 1, "version": envelope.sequence}
    match fact:
        case ThingMade():
            return document | {"partner_id": fact.partner_id, "price": str(fact.price)}
        case ThingPainted():
            return document | {"colours": [*document["colours"], fact.colour]}
        case ThingSold():
            return document | {"sold": True}
        case _:
            return document


def by_stream(_: ThingEvent, envelope: Envelope) -> list[str]:
    return [envelope.subject.removeprefix("things.thing-")]


ROWS: Projection[ThingEvent] = Projection(
    name="things.rows",
    facts=get_args(ThingEvent),
    keys=by_stream,
    fold=row,
    indexes=(Index("partner_id"), Index("price", "decimal")),
    partner_field="partner_id",
)


def alarms(fact: AlarmSet | AlarmCleared, _: Envelope) -> Iterable[SetTimer | ClearTimer]:
    match fact:
        case AlarmSet():
            return [SetTimer(fact.name, fact.due, fact.after_inputs)]
        case AlarmCleared():
            return [ClearTimer(fact.name)]


async def ring(due: Due, _: Read) -> Iterable[Asked]:
    return [(due.stream, RingAlarm(name=due.name, due=due.due, at=due.due))]


ALARMS: Timers[AlarmSet | AlarmCleared] = Timers(
    facts=(AlarmSet, AlarmCleared), set=alarms, fire=ring
)


async def prime(fact: ThingMade, envelope: Envelope, _: Read) -> Iterable[Asked]:
    return [(envelope.subject, PaintThing(colours=("grey",), at=envelope.occurredat))]


PRIME: Process[ThingMade] = Process(name="things.when-made-prime", facts=(ThingMade,), react=prime)


async def believe(
    claim: ThingReported, claimed: Claimed, _: Read, people: People
) -> Iterable[Asked]:
    if claim.price < 0:
        raise Refused("price-negative", "0 or more")
    await people.put(claimed.commandid, {"name": claim.partner_id})
    command = MakeThing(
        thing_id=claim.thing_id, partner_id=claim.partner_id, price=claim.price, at=claimed.at
    )
    return [(stream(claim.thing_id), command)]


BELIEVE: Claim[ThingReported] = Claim(fact=ThingReported, react=believe)


async def announce(fact: ThingSold, envelope: Envelope, channels: Channels) -> Iterable[Asked]:
    await channels["out"].send(envelope.id, fact.partner_id, "sold", fact.thing_id)
    return []


ANNOUNCE: Courier[ThingSold] = Courier(
    name="things.when-sold-announce", facts=(ThingSold,), deliver=announce
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Toy(Context):
    """What it publishes is said, as no test has a place among the contracts."""

    shown: tuple[type[Event], ...] = ()

    @property
    def published(self) -> frozenset[str]:
        return frozenset(fact.__name__ for fact in self.shown)


THINGS = Toy(
    name="things",
    aggregates=(Aggregate(name="thing", decider=THING, facts=get_args(ThingEvent)),),
    projections=(ROWS,),
    processes=(PRIME,),
    timers=ALARMS,
    claims=(BELIEVE,),
    couriers=(ANNOUNCE,),
    shown=(ThingMade, ThingSold),
)


def tallied(command: Tally, total: int) -> list[Tallied]:
    return [Tallied(partner_id=command.partner_id, price=command.price)] if command.price else []


TALLY: Decider[Tally, int, Tallied] = Decider(tallied, lambda total, fact: total + fact.price, 0)


async def tally(fact: ThingMade, envelope: Envelope, _: Read) -> Iterable[Asked]:
    """A thing for nothing asks nothing."""
    command = Tally(partner_id=fact.partner_id, price=fact.price, at=envelope.occurredat)
    return [(f"watch.tally-{fact.partner_id}", command)] if fact.price else []


WHEN_MADE: Policy[ThingMade] = Policy(
    name="watch.when-made-tally", facts=(ThingMade,), react=tally
)


def sum_up(
    key: str, document: Document | None, fact: ThingMade | ThingSold, _: Envelope
) -> Document:
    told = document or {"partner_id": key, "made": 0, "sold": 0}
    which = "made" if isinstance(fact, ThingMade) else "sold"
    return told | {which: told[which] + fact.price}


SUMS: Projection[ThingMade | ThingSold] = Projection(
    name="watch.sums",
    source="bus",
    facts=(ThingMade, ThingSold),
    keys=lambda fact, _: [fact.partner_id],
    fold=sum_up,
    partner_field="partner_id",
)
WATCH = Toy(
    name="watch",
    aggregates=(Aggregate(name="tally", decider=TALLY, facts=(Tallied,)),),
    policies=(WHEN_MADE,),
    projections=(SUMS,),
)


def stream(thing_id: str) -> str:
    return f"things.thing-{thing_id}"
