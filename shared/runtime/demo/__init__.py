"""The seeded story of `qudao up --demo`: some weeks of a pump maker and its twelve partners."""

from shared.runtime.demo.player import play
from shared.runtime.demo.story import START

__all__ = ["START", "play"]
