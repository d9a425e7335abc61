"""A projection folds facts into documents; a projector runs it, a batch at a time."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar

from shared.contracts.event import Envelope, Event
from shared.kernel.ports import Document, Index, View

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True, kw_only=True)
class Projection(Generic[E]):
    """Pure. Own facts come in order (`store`), others' in any order (`bus`).

    A fold over the bus is sums, sets or latest-revision-wins: the kernel drops repeated fact ids,
    nobody restores an order. `partner_field` is the field a partner's token is compared with;
    without one, partners do not see the view.
    """

    name: str
    version: int = 1
    source: Literal["store", "bus"] = "store"
    facts: tuple[type[E], ...]
    keys: Callable[[E, Envelope], Iterable[str]]
    fold: Callable[[str, Document | None, E, Envelope], Document | None]
    indexes: tuple[Index, ...] = ()
    partner_field: str | None = None

    @property
    def view(self) -> View:
        own = {index.field for index in self.indexes}
        partner = self.partner_field
        extra = (Index(partner),) if partner and partner not in own else ()
        return View(name=self.name, version=self.version, indexes=(*self.indexes, *extra))
