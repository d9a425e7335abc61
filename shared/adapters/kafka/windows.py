"""The last records read of each log, shared by all who read it."""

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Sequence

from shared.kernel.ports import Delivery

BEHIND = 1_000
"""How many records before the newest ones stay, for readers that are not as far."""
ROOM = 32 << 20
"""Bytes that all windows together may take."""
OVERHEAD = 500
"""Bytes that a record takes beside its value."""


class Window:
    """Every record behind position `start` and up to `upto` is here: no others are between."""

    __slots__ = ("deliveries", "size", "start", "upto")

    def __init__(self, start: int, upto: int, deliveries: Sequence[Delivery]) -> None:
        self.start, self.upto, self.deliveries = start, upto, deliveries
        self.size = sum(OVERHEAD + len(each.record.value) for each in deliveries)

    @property
    def last(self) -> int:
        """The last record's position, if it is here; markers behind it are no records."""
        return self.deliveries[-1].position if self.deliveries else self.upto

    def behind(self, position: int) -> Sequence[Delivery] | None:
        """The records behind it that are here; None when there may be others."""
        if not self.start <= position <= self.upto:
            return None
        return self.deliveries[bisect_right(self.deliveries, position, key=_position) :]

    def followed_by(self, deliveries: Sequence[Delivery], upto: int) -> "Window":
        cut = max(0, len(self.deliveries) - BEHIND)
        start = self.deliveries[cut - 1].position if cut else self.start
        return Window(start, upto, [*self.deliveries[cut:], *deliveries])


class Windows:
    def __init__(self, room: int = ROOM) -> None:
        self._room, self._taken = room, 0
        self._windows: OrderedDict[str, Window] = OrderedDict()

    def get(self, log: str) -> Window | None:
        return self._windows.get(log)

    def served(self, log: str) -> None:
        self._windows.move_to_end(log)

    def add(self, log: str, position: int, found: Sequence[Delivery], upto: int) -> None:
        """What was read behind that position. Logs that nobody read lately make room."""
        window = Window(position, upto, found)
        if (before := self.get(log)) and before.upto == position:
            window = before.followed_by(found, upto)
        self.drop(log)
        self._windows[log] = window
        self._taken += window.size
        while self._taken > self._room and len(self._windows) > 1:
            self.drop(next(iter(self._windows)))

    def drop(self, log: str) -> None:
        if window := self._windows.pop(log, None):
            self._taken -= window.size

    def clear(self) -> None:
        self._windows.clear()
        self._taken = 0


def _position(delivery: Delivery) -> int:
    return delivery.position
