"""Where a value came from, and what was wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple


class Cell(NamedTuple):
    """`row` is the line of the file on which the row begins; the header is line 1."""

    file: str
    row: int
    column: str
    value: str


class Fault(NamedTuple):
    cell: Cell
    slug: str


class Faulty(Exception):
    """This cell cannot become what it has to be."""

    def __init__(self, cell: Cell, slug: str) -> None:
        super().__init__(slug)
        self.fault = Fault(cell, slug)


@dataclass(frozen=True, slots=True)
class Head:
    """What all rows of a file have in common."""

    file: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """`fault` says why the row cannot be trusted as a whole, with the line as it was read."""

    head: Head
    number: int
    values: Sequence[str]
    fault: Fault | None = None

    def __getitem__(self, column: str) -> str:
        """Blank where the row is too short, or its file has no such column."""
        try:
            return self.values[self.head.columns.index(column)]
        except (ValueError, IndexError):
            return ""

    def cell(self, column: str) -> Cell:
        return Cell(self.head.file, self.number, column, self[column])
