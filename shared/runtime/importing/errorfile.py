"""The error file: one line for every cell that was refused, and safe to open in a spreadsheet."""

import csv
import re
from collections.abc import Iterable
from pathlib import Path

from shared.runtime.importing.cells import Fault

HEADER = ("file", "row", "column", "value", "slug")
FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r\n\0]")
NUMBER = re.compile(r"-?\d+([.,]\d+)?", re.ASCII)


def write(path: Path, faults: Iterable[Fault]) -> None:
    with path.open("w", encoding="utf-8", errors="replace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for cell, slug in faults:
            texts = map(safe, (cell.column, cell.value))
            writer.writerow((safe(cell.file), cell.row, *texts, slug))


def safe(text: str) -> str:
    """A spreadsheet shows it and does not evaluate it; a negative number stays one."""
    guarded = FORMULA.match(text) and not NUMBER.fullmatch(text)
    return f"'{text}" if guarded else text
