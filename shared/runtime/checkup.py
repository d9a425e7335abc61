"""What would keep a process from starting, found beforehand: one line for each thing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from shared.adapters.kafka.topics import check
from shared.adapters.sqlite.checkup import looked_at
from shared.kernel.errors import Incompatible, PortFailed
from shared.runtime.adapters import Adapters, link
from shared.runtime.clocks import now
from shared.runtime.hosting import load
from shared.runtime.settings import Settings
from shared.runtime.tokens import Issuer, provided
from shared.runtime.topics import every

Look = Callable[[], Awaitable[str]]
Port = Callable[[str], Awaitable[object]]


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    told: str
    well: bool


async def findings(settings: Settings) -> AsyncIterator[Finding]:
    """Every server that is set, every file of the data folder, and who may come in."""
    async with AsyncExitStack() as stack:
        adapters = Adapters(settings, now, stack)
        looks: dict[str, Look] = {"tokens": partial(_tokens, settings)}
        if settings.kafka:
            looks["Kafka"] = partial(_kafka, settings)
        if settings.kurrent:
            looks["KurrentDB"] = partial(_opened, adapters.store, settings.kurrent)
        if settings.mongo:
            looks["MongoDB"] = partial(_opened, adapters.views, settings.mongo)
        for what, look in looks.items():
            yield await _found(what, look)
        for path in sorted(settings.data.glob("*.db")):
            if not _elsewhere(path, settings):
                yield await _found(path.name, partial(_file, path, settings.partitions))


async def _found(what: str, look: Look) -> Finding:
    try:
        return Finding(what, await look(), well=True)
    except (Incompatible, PortFailed) as wrong:
        return Finding(what, str(wrong), well=False)


def _elsewhere(path: Path, settings: Settings) -> bool:
    """A server has taken the place of this file: a start does not open it."""
    kinds = {".store": settings.kurrent, ".views": settings.mongo, ".people": settings.mongo}
    return bool(kinds.get(Path(path.stem).suffix, settings.kafka))


async def _opened(port: Port, address: str) -> str:
    """As a start would."""
    for context in load():
        await port(context.name)
    return f"{address.rpartition('@')[2]}: there, and of this version or older"


async def _kafka(settings: Settings) -> str:
    wanted = every(load(), settings.partitions)
    await check(link(settings), wanted, prefix=settings.topic_prefix)
    return f"{settings.kafka}: {len(wanted)} topics are as they should be"


async def _tokens(settings: Settings) -> str:
    """A key of our own is made by whoever starts first, unless roles are to share one."""
    embedded = not (settings.kafka or settings.kurrent or settings.mongo)
    provider = ", or by ".join(["", *provided(settings)])
    if (embedded or settings.test) and not Issuer.kept(settings.data):
        return f"signed with a key that the first start makes{provider}"
    Issuer.of(settings.data, make=False)
    return f"signed with the key in the data folder{provider}"


async def _file(path: Path, partitions: int) -> str:
    return looked_at(path, partitions)
