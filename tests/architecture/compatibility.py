"""May a schema change within its version? Both ways: old facts are read, old readers read on."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]
TOLD = {"title", "description", "examples", "$comment", "deprecated", "$defs", "$id", "$schema"}


def incompatible(old: Schema, new: Schema) -> list[str]:
    """What breaks somebody, and where. Texts may change, fields with a default be added."""
    return list(_Comparison(old, new).differ(old, new, "data"))


class _Comparison:
    def __init__(self, old: Schema, new: Schema) -> None:
        self._old, self._new = old.get("$defs", {}), new.get("$defs", {})
        self._met: set[tuple[str, str]] = set()

    def differ(self, old: Any, new: Any, place: str) -> Iterator[str]:
        if not (isinstance(old, dict) and isinstance(new, dict)):
            yield from [] if old == new else [f"{place}: {old!r} became {new!r}"]
            return
        pair = (old.get("$ref", ""), new.get("$ref", ""))
        if all(pair):
            if pair in self._met:
                return
            self._met.add(pair)
        yield from self._differ(_resolved(old, self._old), _resolved(new, self._new), place)

    def _differ(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        yield from self._properties(old.get("properties", {}), new.get("properties", {}), place)
        yield from _required(old, new, place)
        for word in sorted((old.keys() | new.keys()) - TOLD - {"properties", "required"}):
            yield from self._word(old.get(word), new.get(word), f"{place} {word}")

    def _properties(self, old: Schema, new: Schema, place: str) -> Iterator[str]:
        for name, schema in old.items():
            if name in new:
                yield from self.differ(schema, new[name], f"{place}.{name}")
            else:
                yield f"{place}.{name} is gone"

    def _word(self, old: Any, new: Any, place: str) -> Iterator[str]:
        if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
            for n, (before, after) in enumerate(zip(old, new, strict=True)):
                yield from self.differ(before, after, f"{place}/{n}")
        else:
            yield from self.differ(old, new, place)


def _resolved(schema: Schema, definitions: Schema) -> Schema:
    """A reference is what it refers to: the name of a part may change."""
    rest = {word: value for word, value in schema.items() if word != "$ref"}
    name = schema.get("$ref", "").rpartition("/")[2]
    return {**definitions[name], **rest} if name else rest


def _required(old: Schema, new: Schema, place: str) -> Iterator[str]:
    before, after = set(old.get("required", [])), set(new.get("required", []))
    yield from (f"{place}.{name} is newly required" for name in sorted(after - before))
    yield from (f"{place}.{name} may now be missing" for name in sorted(before - after))
