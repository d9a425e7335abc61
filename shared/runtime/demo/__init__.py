"""The seeded story of `qudao up --demo`: eighteen months of a pump maker and its 24 partners."""

from shared.runtime.demo.demo import Demo
from shared.runtime.demo.steps import START

__all__ = ["START", "Demo"]
