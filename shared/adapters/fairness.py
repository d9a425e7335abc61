"""How a batch is shared out among logs that have more than fits."""

from collections.abc import Iterable, Iterator
from operator import itemgetter
from typing import TypeVar

Log = TypeVar("Log")


def shared_out(waiting: Iterable[tuple[int, Log]], limit: int) -> Iterator[tuple[int, Log]]:
    """An even part of the limit for each log, given with how many records it has; what the short
    ones leave goes to the long ones.

    So no log starves behind a busy one, and a batch is full as long as there is enough.
    """
    shortest_first = sorted(waiting, key=itemgetter(0))
    for passed, (count, log) in enumerate(shortest_first):
        share = min(count, -(-limit // (len(shortest_first) - passed)))
        limit -= share
        if share > 0:
            yield share, log
