"""Rules over facts, commands and contexts as they are loaded."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType
from typing import Any, TypeGuard, get_args, get_type_hints

from shared.contracts.event import Event
from shared.kernel.schema import schema
from shared.runtime.context import Context

IRREGULAR = (
    "Begun|Bought|Broken|Chosen|Cut|Drawn|Found|Frozen|Given|Held|Kept|Left|Lost|Made|Met|Paid"
    "|Sent|Set|Shown|Sold|Split|Taken|Withdrawn|Withheld|Won|Written"
)
NOUN_AND_PARTICIPLE = re.compile(rf"(?:[A-Z][a-z0-9]*)+(?:[A-Z][a-z]*ed|{IRREGULAR})")
NAMED_BY_THE_DESIGN = {"CreditShort", "MdfCarriedOver", "StockBelowSafety"}
PERSONAL = {"address", "contact", "email", "mobile", "phone", "title"}


def facts_are_frozen_values(fact: type[Any]) -> Iterator[str]:
    if not is_dataclass(fact) or not vars(fact)["__dataclass_params__"].frozen:
        yield f"{fact.__name__} is not frozen"
    elif fact.__dictoffset__:
        yield f"{fact.__name__} has no slots"
    elif not all(field.kw_only for field in fields(fact)):
        yield f"{fact.__name__} takes its fields by position"


def facts_are_noun_and_participle(fact: type[Event]) -> Iterator[str]:
    name = fact.__name__
    if name not in NAMED_BY_THE_DESIGN and not NOUN_AND_PARTICIPLE.fullmatch(name):
        yield f"{name} is no noun with a past participle"


def facts_hold_no_floats(fact: type[Event]) -> Iterator[str]:
    """Nor, where others read it, a bare Decimal, whose schema lets a number pass."""
    public = fact.__module__.startswith("shared.contracts.")
    if float in _in(fact) or (public and '"type": "number"' in json.dumps(schema(fact))):
        yield f"{fact.__name__} holds a float"


def facts_hold_no_personal_data(fact: type[Event]) -> Iterator[str]:
    """What we record; a claim of others brings it, and lives 30 days."""
    if fact.__module__ != "shared.contracts.inbound":
        held = {field.name for field in fields(fact)} & PERSONAL  # type: ignore[arg-type]
        yield from (f"{fact.__name__} holds {name}" for name in sorted(held))


def commands_say_when(command: type[Any]) -> Iterator[str]:
    yield from facts_are_frozen_values(command)
    if is_dataclass(command) and "at" not in {field.name for field in fields(command)}:
        yield f"{command.__name__} does not say when"


def commands(context: Context) -> list[type[Any]]:
    """The dataclasses that its commands.py has or gathers, and that of each part of the domain,
    but those that only stand inside another.
    """
    if not context.aggregates:
        return []
    modules = [import_module(f"services.{context.name}.domain.commands"), *_parts(context)]
    here = f"services.{context.name}.domain."
    own = [kind for module in modules for kind in vars(module).values() if _of(here, kind)]
    own = [*dict.fromkeys(own)]
    parts = {part for kind in own for part in _in(kind) if part is not kind}
    return [kind for kind in own if kind not in parts]


def _parts(context: Context) -> list[ModuleType]:
    domain = import_module(f"services.{context.name}.domain")
    found = [f"{domain.__name__}.{part.name}" for part in iter_modules(domain.__path__)]
    named = [f"{part}.commands" for part in found]
    return [import_module(name) for name in named if _there(name)]


def _there(name: str) -> bool:
    package = import_module(name.rpartition(".")[0])
    return hasattr(package, "__path__") and find_spec(name) is not None


def _of(domain: str, kind: object) -> TypeGuard[type[Any]]:
    return isinstance(kind, type) and kind.__module__.startswith(domain) and is_dataclass(kind)


def _in(hint: Any) -> Iterator[Any]:
    """A type, and all that its fields are made of."""
    yield hint
    inner = get_type_hints(hint).values() if isinstance(hint, type) and is_dataclass(hint) else ()
    for part in (*get_args(hint), *inner):
        yield from _in(part)


def names_are_unique(facts: Iterable[type[Event]]) -> Iterator[str]:
    counted = Counter(fact.__name__ for fact in facts)
    yield from (f"{name} means {n} things" for name, n in counted.items() if n > 1)


def location_is_visibility(context: Context) -> Iterator[str]:
    """Published from its contract module, private from its own events, or the kernel's."""
    own = rf"services\.{context.name}\.domain(\.\w+)?\.events"
    home = re.compile(rf"shared\.contracts\.{context.name}(\.\w+)?|shared\.kernel\..+|{own}")
    for fact in context.facts:
        if not home.fullmatch(fact.__module__):
            yield f"{context.name} records {fact.__module__}.{fact.__name__}"


def what_is_published_is_recorded(
    context: Context, contract: Iterable[type[Event]]
) -> Iterator[str]:
    """A fact in the contract that no aggregate records is a promise that nobody keeps."""
    for fact in contract:
        mine = f"{fact.__module__}.".startswith(f"shared.contracts.{context.name}.")
        if mine and fact not in context.facts:
            yield f"{context.name} never records {fact.__name__}"


def own_from_the_store_others_from_the_bus(context: Context) -> Iterator[str]:
    own = set(context.facts)
    for name, source, facts in _consumers(context):
        for fact in facts:
            if fact not in own if source == "store" else not _foreign(fact, own):
                yield f"{name} waits for {fact.__name__} from the {source}"


def _foreign(fact: type[Event], own: set[type[Event]]) -> bool:
    inbound = fact.__module__ == "shared.contracts.inbound"
    return fact not in own and not inbound and fact.__module__.startswith("shared.contracts.")


def names_say_whose(context: Context) -> Iterator[str]:
    """Consumers and views are `<context>.<question>`, each once."""
    names = Counter(name for name, _, _ in _consumers(context))
    yield from (f"{n} is not {context.name}'s" for n in names if _owner(n) != context.name)
    yield from (f"{n} is there {c} times" for n, c in names.items() if c > 1)


def _owner(name: str) -> str:
    return name.partition(".")[0]


def _consumers(context: Context) -> list[tuple[str, str, tuple[type[Event], ...]]]:
    found = [(it.name, str(it.source), it.facts) for it in context.projections]
    found += [(it.name, "bus", it.facts) for it in context.policies]
    found += [(it.name, "store", it.facts) for it in context.processes]
    found += [(it.name, "store", it.facts) for it in context.couriers]
    found += [(f"{context.name}.timers", "store", context.timers.facts)] if context.timers else []
    return found


def every_claim_has_one_owner(
    contexts: Iterable[Context], inbound: Iterable[type[Event]]
) -> Iterator[str]:
    owned = Counter(claim.fact for context in contexts for claim in context.claims)
    yield from (f"{f.__name__} has {owned[f]} owners" for f in inbound if owned[f] != 1)
