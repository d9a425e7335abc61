"""What a reaction (and a route) may look at: our streams, and our views caught up with them."""

from collections.abc import Mapping, Sequence
from typing import Any

from shared.contracts.event import Envelope
from shared.kernel.handler import Handler
from shared.kernel.ports import Document, Page, Query, Views
from shared.kernel.projector import Projector


class Reading:
    """`projectors` are those of views folded from our own store."""

    def __init__(
        self,
        handle: Handler,
        views: Views,
        projectors: Mapping[str, Projector],
        *,
        alone: bool = True,
    ) -> None:
        self._handle, self._views, self._projectors = handle, views, projectors
        self._alone = alone

    async def fold(self, stream: str) -> Any:
        return await self._handle.fold(stream)

    async def facts(self, stream: str) -> Sequence[tuple[Any, Envelope]]:
        return await self._handle.facts(stream)

    async def find(self, view: str, query: Query) -> Page:
        await self._fresh(view)
        return await self._views.find(view, query)

    async def get(self, view: str, key: str) -> Document | None:
        await self._fresh(view)
        return (await self._views.get_many(view, [key])).get(key)

    async def _fresh(self, view: str) -> None:
        if projector := self._projectors.get(view):
            if not self._alone:
                projector.forget()
            await projector.catch_up()
