"""A CSV file as rows: what cannot be read is a faulty row, and the next one goes on."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from sys import intern

from shared.runtime.importing.cells import Cell, Fault, Head, Row

ENCODINGS = ("utf-8-sig", "gb18030")
SHOWN = 200  # characters of a faulty row


class Unreadable(Exception):
    """The file as a whole is not what the mapping says."""


@dataclass(frozen=True, slots=True)
class Table:
    head: Head
    rows: Sequence[Row]

    @property
    def file(self) -> str:
        return self.head.file

    @property
    def columns(self) -> tuple[str, ...]:
        return self.head.columns


def read(folder: Path, file: str, delimiter: str = ",", encoding: str | None = None) -> Table:
    try:
        raw = (folder / file).read_bytes()
    except OSError as error:
        raise Unreadable(f"{file}: {error.strerror} in {folder}") from error
    lines = list(StringIO(decoded(raw, encoding), newline=""))
    parsed = _parsed(lines, delimiter)
    _, header = next(parsed, (1, None))
    if not header:
        raise Unreadable(f"{file}: the first line is no header")
    columns = tuple(map(str.strip, header))
    if twice := {name for name in columns if columns.count(name) > 1}:
        raise Unreadable(f"{file}: the header names {', '.join(sorted(twice))} twice")
    head = Head(file, columns)
    rows = (_row(head, number, cells, lines) for number, cells in parsed)
    return Table(head, [row for row in rows if row.fault or any(row.values)])


def decoded(raw: bytes, encoding: str | None) -> str:
    """Bytes that no encoding explains stay visible as surrogates: their rows are refused."""
    tried = (encoding,) if encoding else ENCODINGS
    for name in tried:
        try:
            return raw.decode(name)
        except UnicodeDecodeError:
            continue
    return raw.decode(tried[0], "surrogateescape")


def _parsed(lines: Sequence[str], delimiter: str) -> Iterator[tuple[int, list[str] | None]]:
    """Records with the line they begin on. One that csv cannot read is one faulty line."""
    start = 0
    while start < len(lines):
        rest = (lines[n] for n in range(start, len(lines)))
        reader, at = csv.reader(rest, delimiter=delimiter, strict=True), start
        try:
            for cells in reader:
                yield at + 1, cells
                at = start + reader.line_num
            return
        except csv.Error:
            yield at + 1, None
            start = at + 1


def _row(head: Head, number: int, cells: list[str] | None, lines: Sequence[str]) -> Row:
    """The words of a file come again and again: of each, one is kept."""
    slug = _fault(head.columns, cells)
    values = tuple(intern(cell.strip()) for cell in cells or ())
    if slug is None:
        return Row(head, number, values)
    line = lines[number - 1].strip()[:SHOWN].encode("utf-8", "replace").decode()
    return Row(head, number, values, Fault(Cell(head.file, number, "", line), slug))


def _fault(columns: Sequence[str], cells: list[str] | None) -> str | None:
    if cells is None:
        return "row-malformed"
    if cells and len(cells) != len(columns):
        return "row-ragged"
    if any("\ud800" <= char <= "\udfff" for cell in cells for char in cell):
        return "row-undecodable"
    return None
