"""The shortest story that still fails: moves are left out, many at a time and then one by one."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from tests.reliability.simulation.moves import Move, Story

Fails = Callable[[Story], bool]
MOST = 600  # replays


def shortest(story: Story, fails: Fails) -> Story:
    """1-minimal, unless the replays run out first: no single move can be left out."""
    moves, size, left = story.moves, max(1, len(story.moves) // 2), MOST
    while left:
        shorter, left = _without(story, moves, size, fails, left)
        if len(shorter) == len(moves) and size == 1:
            break
        size = max(1, size // 2) if len(shorter) == len(moves) else min(size, len(shorter))
        moves = shorter
    return replace(story, moves=tuple(moves))


def _without(
    story: Story, moves: Sequence[Move], size: int, fails: Fails, left: int
) -> tuple[tuple[Move, ...], int]:
    """One pass from the end to the beginning, as what comes late is rarely needed."""
    kept = tuple(moves)
    for at in range(max(0, len(kept) - size), -size, -size):
        if not left:
            break
        tried = kept[: max(0, at)] + kept[at + size :]
        left -= 1
        if len(tried) < len(kept) and fails(replace(story, moves=tried)):
            kept = tried
    return kept, left
