"""The error file: cells as they were, and nothing that a spreadsheet would evaluate."""

import csv
from pathlib import Path

import pytest

from shared.runtime.importing import errorfile
from shared.runtime.importing.cells import Cell, Fault


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"])
def test_a_formula_is_guarded(tmp_path: Path, start: str) -> None:
    text = f"{start}SUM(A1)"
    errorfile.write(tmp_path / "e.csv", [Fault(Cell("t.csv", 2, text, text), "id-malformed")])
    with (tmp_path / "e.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["file", "row", "column", "value", "slug"]
    assert rows[1] == ["t.csv", "2", f"'{text}", f"'{text}", "id-malformed"]


@pytest.mark.parametrize("text", ["-5.00", "-12", "12,5", "a=b", "", "东湖"])
def test_numbers_and_plain_texts_stay_as_they_are(text: str) -> None:
    assert errorfile.safe(text) == text
