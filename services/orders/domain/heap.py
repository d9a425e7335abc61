"""A persistent leftist heap: push and pop in O(log n), everything else is shared.

Removal is lazy: whoever reads asks whether a key is still live, and `pruned` drops dead heads.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

K = TypeVar("K", bound=tuple[Any, ...])


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Node(Generic[K]):
    key: K
    rank: int
    left: "Heap[K]"
    right: "Heap[K]"


Heap = Node[K] | None


def push(heap: Heap[K], key: K) -> Heap[K]:
    return _merged(heap, Node(key, 1, None, None))


def pruned(heap: Heap[K], live: Callable[[K], bool]) -> Heap[K]:
    while heap and not live(heap.key):
        heap = _merged(heap.left, heap.right)
    return heap


def ascending(heap: Heap[K]) -> Iterator[K]:
    """Each key once: one that came back to life was pushed again above its dead self."""
    last: K | None = None
    while heap:
        if heap.key != last:
            yield (last := heap.key)
        heap = _merged(heap.left, heap.right)


def _merged(one: Heap[K], other: Heap[K]) -> Heap[K]:
    """Walks right spines only, which are never longer than log2(n)."""
    if one is None or other is None:
        return one or other
    if other.key < one.key:
        one, other = other, one
    left, right = one.left, _merged(one.right, other)
    if _rank(left) < _rank(right):
        left, right = right, left
    return Node(one.key, _rank(right) + 1, left, right)


def _rank(heap: Heap[K]) -> int:
    return heap.rank if heap else 0
