"""The heap against a sorted list."""

from hypothesis import given
from hypothesis import strategies as st

from services.orders.domain.heap import Heap, ascending, pruned, push

Keys = st.lists(st.tuples(st.integers(0, 50)))


@given(Keys)
def test_keys_come_out_in_order_and_each_once(keys: list[tuple[int]]) -> None:
    """Free money that counts twice seems to be enough for an order that needs more."""
    heap: Heap[tuple[int]] = None
    for key in keys:
        heap = push(heap, key)
    assert [*ascending(heap)] == sorted({*keys})


@given(Keys, Keys)
def test_dead_heads_are_dropped_and_the_old_heap_is_untouched(
    keys: list[tuple[int]], dead: list[tuple[int]]
) -> None:
    heap: Heap[tuple[int]] = None
    for key in keys:
        heap = push(heap, key)
    alive = [
        key for key in ascending(pruned(heap, lambda key: key not in dead)) if key not in dead
    ]
    assert alive == sorted({*keys} - {*dead})
    assert [*ascending(heap)] == sorted({*keys})
