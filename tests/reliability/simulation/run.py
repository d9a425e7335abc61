"""Plays seeds and says what is wrong with one, in the shortest story that shows it."""

import asyncio
import os

from structlog.testing import capture_logs

from tests.reliability.simulation.actor import Kept
from tests.reliability.simulation.moves import Story
from tests.reliability.simulation.plan import story
from tests.reliability.simulation.play import Played, play
from tests.reliability.simulation.shrink import shortest

BRIEF = "QUDAO_BRIEF"
"""Set where only the verdict counts: a story is told as it is, which spares many replays."""


def played(told: Story) -> Played:
    with capture_logs():  # servers go and come all the time here
        return asyncio.run(play(told))


def outcome(told: Story) -> Played | Exception:
    """Whatever it raises: a violation, or what broken code ends with."""
    with Kept() as kept:
        return played(told)
    assert kept.error is not None
    return kept.error


def explained(seed: int) -> str:
    """Why the seed fails; the same words in every process."""
    told = story(seed)
    if BRIEF in os.environ:
        return f"seed {seed}: {outcome(told)!r}"
    kind = type(outcome(told))
    short = shortest(told, lambda shorter: type(outcome(shorter)) is kind)
    error = outcome(short)
    head = f"seed {seed}: {len(told.moves)} moves, {len(short.moves)} of them are enough"
    again = f"again: python -m tests.reliability.simulation {seed}"
    return f"{head}\n{short}\n{type(error).__name__}: {error}\n{again}"
