"""What was read last stays at hand, and takes no more room than it may."""

from collections.abc import Sequence

from shared.adapters.kafka.windows import BEHIND, OVERHEAD, Windows
from shared.kernel.ports import Delivery, Record


def run(first: int, last: int, size: int = 1) -> list[Delivery]:
    record = Record("ThingDone", "k", b"x" * size)
    return [Delivery("ThingDone/0", position, record) for position in range(first, last + 1)]


def positions(found: Sequence[Delivery] | None) -> list[int] | None:
    return None if found is None else [one.position for one in found]


def windows(room: int = 10**9) -> Windows:
    return Windows(room)


def behind(kept: Windows, position: int, log: str = "a") -> list[int] | None:
    window = kept.get(log)
    return positions(window.behind(position)) if window else None


def test_gives_what_is_behind_a_position_and_says_when_it_cannot_know() -> None:
    kept = windows()
    kept.add("a", 10, run(11, 13), 13)
    assert behind(kept, 10) == [11, 12, 13]
    assert behind(kept, 12) == [13]
    assert behind(kept, 13) == []
    assert behind(kept, 9) is None
    assert behind(kept, 14) is None
    assert behind(kept, 10, "b") is None


def test_places_without_a_record_are_known_too() -> None:
    """Markers of transactions, and what has expired."""
    kept = windows()
    kept.add("a", 2, [*run(5, 5), *run(7, 7)], 9)
    assert behind(kept, 2) == [5, 7]
    assert behind(kept, 5) == [7]
    assert behind(kept, 8) == []
    window = kept.get("a")
    assert window and (window.last, window.upto) == (7, 9)
    kept.add("a", 9, [], 12)
    assert behind(kept, 4) == [5, 7]
    assert behind(kept, 12) == []


def test_what_is_read_next_is_joined_and_what_is_read_elsewhere_replaces() -> None:
    kept = windows()
    kept.add("a", 0, run(1, 3), 3)
    kept.add("a", 3, run(4, 5), 5)
    assert behind(kept, 1) == [2, 3, 4, 5]
    kept.add("a", 20, run(21, 22), 22)
    assert behind(kept, 1) is None
    assert behind(kept, 20) == [21, 22]


def test_only_so_many_old_ones_stay_before_the_new_ones() -> None:
    kept = windows()
    for at in range(0, 10 * BEHIND, BEHIND // 2):
        kept.add("a", at, run(at + 1, at + BEHIND // 2), at + BEHIND // 2)
    window = kept.get("a")
    assert window and len(window.deliveries) == BEHIND + BEHIND // 2
    first = window.deliveries[0].position
    assert behind(kept, first - 1) == [*range(first, 10 * BEHIND + 1)]
    assert behind(kept, first - 2) is None


def test_the_log_that_was_served_longest_ago_makes_room() -> None:
    kept = windows(room=3 * (1_000 + OVERHEAD))
    for log in "abc":
        kept.add(log, 0, run(1, 1, size=1_000), 1)
    kept.served("a")
    kept.add("d", 0, run(1, 1, size=1_000), 1)
    assert [log for log in "abcd" if kept.get(log)] == ["a", "c", "d"]
    kept.add("e", 0, run(1, 9, size=1_000), 9)
    assert [log for log in "abcde" if kept.get(log)] == ["e"]
    kept.clear()
    for log in "xyz":
        kept.add(log, 0, run(1, 1, size=1_000), 1)
    assert [log for log in "xyz" if kept.get(log)] == ["x", "y", "z"]
