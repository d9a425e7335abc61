"""Read models against a clean fold of the stores: each fact once, in order, without a kernel."""

import json
from collections.abc import Iterator
from typing import Any

from shared.contracts.event import Envelope
from shared.kernel.codec import Codec
from shared.kernel.ports import Document
from shared.kernel.projection import Projection
from shared.runtime.context import Context
from tests.reliability.simulation.desks import PARTNERS
from tests.reliability.simulation.oracle.told import Violation, never
from tests.reliability.simulation.world import World

SHARED = {"leads.leads", "leads.pipeline"}  # they name every candidate; their API does not


def judge(world: World) -> int:
    """How many documents there were."""
    every = 0
    for those in world.hosted.values():
        context = those[0].context
        for projection in context.projections:
            clean = folded(projection, context, world)
            found = shown(world, context.name, projection.name)
            if clean != found:
                raise Violation(f"{projection.name}: {_first(clean, found)}")
            if projection.partner_field and projection.name not in SHARED:
                for document in found.values():
                    _alone(projection, document)
            every += len(found)
    return every


def shown(world: World, context: str, view: str) -> dict[str, Document]:
    live = world.shelves[context].views.live(view)
    return live.documents([*live.rows])


def folded(projection: Projection[Any], context: Context, world: World) -> dict[str, Document]:
    codec: Codec[Any] = Codec.of(context.streams).only(projection.facts)
    facts = own(world, context.name)
    if projection.source == "bus":
        codec, facts = Codec(projection.facts), published(world)
    found: dict[str, Document | None] = {}
    for envelope in facts:
        if envelope.type in codec:
            fact = codec.decode(envelope)
            for key in projection.keys(fact, envelope):
                found[key] = projection.fold(key, found.get(key), fact, envelope)
    return {key: json.loads(json.dumps(one)) for key, one in found.items() if one is not None}


def own(world: World, context: str) -> Iterator[Envelope]:
    store = world.shelves[context].store
    return (envelope for _, envelope in store.between(0, len(store.log)))


def published(world: World) -> Iterator[Envelope]:
    for name, those in world.hosted.items():
        public = those[0].context.published
        yield from (one for one in own(world, name) if one.type in public)


def _alone(projection: Projection[Any], document: Document) -> None:
    text, mine = json.dumps(document), document.get(str(projection.partner_field))
    foreign = [one for one in PARTNERS if one != mine and one in text]
    never(mine is not None and bool(foreign), f"{projection.name}: {mine} sees {foreign}")


def _first(clean: dict[str, Document], found: dict[str, Document]) -> str:
    key = next(k for k in sorted({*clean, *found}) if clean.get(k) != found.get(k))
    return f"{key} is {found.get(key)}, and should be {clean.get(key)}"
