"""What the tests of the KurrentDB adapter share."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from secrets import token_hex

from shared.adapters.kurrent import KurrentStore
from shared.contracts.event import Envelope
from shared.testing.servers.kurrent.double import Double


def fresh() -> str:
    """A context that no test before us has written to, whatever server it is."""
    return f"t{token_hex(6)}"


@asynccontextmanager
async def opened(uri: str, context: str) -> AsyncIterator[KurrentStore]:
    store = await KurrentStore.open(uri, context)
    try:
        yield store
    finally:
        await store.close()


class Named:
    """A store whose streams are named without the context, as the contract suite names them."""

    def __init__(self, store: KurrentStore, context: str) -> None:
        self._store, self._context = store, context
        self.follow, self.last, self.end = store.follow, store.last, store.end

    @property
    def incarnation(self) -> str:
        return self._store.incarnation

    async def read(self, stream: str, *, after: int = 0) -> Sequence[Envelope]:
        return await self._store.read(f"{self._context}.{stream}", after=after)

    async def append(self, stream: str, facts: Sequence[Envelope], *, expected: int) -> int:
        return await self._store.append(f"{self._context}.{stream}", facts, expected=expected)

    async def position(self, stream: str, sequence: int) -> int:
        return await self._store.position(f"{self._context}.{stream}", sequence)


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - what it waits for is the double's, in this very loop
        await asyncio.sleep(0)


@asynccontextmanager
async def doubled(double: Double) -> AsyncIterator[Double]:
    """In this process, so that the test has its faults in hand; no address takes its place."""
    await double.start()
    try:
        yield double
    finally:
        await double.close()
