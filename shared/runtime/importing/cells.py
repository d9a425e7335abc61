"""Where a value came from, and what was wrong with it."""

from collections.abc import Mapping
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
class Row:
    """`fault` says why the row cannot be trusted as a whole, with the line as it was read."""

    file: str
    number: int
    cells: Mapping[str, str]
    fault: Fault | None = None

    def cell(self, column: str) -> Cell:
        return Cell(self.file, self.number, column, self.cells.get(column, ""))
