"""Reading CSV: what cannot be read is one faulty row, and nothing after it is lost."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.runtime.importing.table import Table, Unreadable, read


def table(folder: Path, content: str | bytes, **how: str) -> Table:
    raw = content.encode() if isinstance(content, str) else content
    (folder / "t.csv").write_bytes(raw)
    return read(folder, "t.csv", **how)


def shown(found: Table) -> list[tuple[int, str | None, list[str]]]:
    return [
        (row.number, row.fault.slug if row.fault else None, list(row.values)) for row in found.rows
    ]


def test_rows_know_their_line_and_cells_are_stripped(tmp_path: Path) -> None:
    found = table(tmp_path, 'a, b \n1, x \n2,"two\nlines"\n3,y\n')
    assert found.columns == ("a", "b")
    assert shown(found) == [(2, None, ["1", "x"]), (3, None, ["2", "two\nlines"]),
                            (5, None, ["3", "y"])]  # fmt: skip


def test_a_row_with_too_few_or_too_many_cells_is_faulty_alone(tmp_path: Path) -> None:
    found = table(tmp_path, "a,b\n1\n2,x\n3,y,z\n")
    assert shown(found) == [
        (2, "row-ragged", ["1"]),
        (3, None, ["2", "x"]),
        (4, "row-ragged", ["3", "y", "z"]),
    ]
    assert found.rows[2].fault is not None
    assert found.rows[2].fault.cell.value == "3,y,z"


def test_a_quote_that_is_never_closed_costs_one_line(tmp_path: Path) -> None:
    found = table(tmp_path, 'a,b\n1,"open\n2,x\n3,"y"z\n4,"w"\n')
    assert shown(found) == [
        (2, "row-malformed", []),
        (3, None, ["2", "x"]),
        (4, "row-malformed", []),
        (5, None, ["4", "w"]),
    ]


def test_blank_lines_are_no_rows(tmp_path: Path) -> None:
    assert shown(table(tmp_path, "a,b\n\n1,x\n,\n\n")) == [(3, None, ["1", "x"])]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_utf8_with_and_without_bom_and_gb18030_are_read(tmp_path: Path, encoding: str) -> None:
    found = table(tmp_path, "编号,名称\n1,东湖商行\n".encode(encoding))
    assert found.columns == ("编号", "名称")
    assert found.rows[0]["名称"] == "东湖商行"


def test_bytes_of_no_encoding_spoil_their_row_only(tmp_path: Path) -> None:
    found = table(tmp_path, "a,b\n1,é\n2,x\n".encode() + b"3,\xff\xff\n")
    assert shown(found)[:2] == [(2, None, ["1", "é"]), (3, None, ["2", "x"])]
    assert [slug for _, slug, _ in shown(found)] == [None, None, "row-undecodable"]


def test_an_encoding_and_a_delimiter_can_be_named(tmp_path: Path) -> None:
    found = table(tmp_path, "a;b\n1;é\n".encode("latin-1"), encoding="latin-1", delimiter=";")
    assert shown(found) == [(2, None, ["1", "é"])]


@pytest.mark.parametrize(
    ("content", "why"),
    [("", "no header"), ("\n1,2\n", "no header"), ("a,b,a\n", "names a twice")],
)
def test_a_file_without_a_sound_header_is_unreadable(
    tmp_path: Path, content: str, why: str
) -> None:
    with pytest.raises(Unreadable, match=why):
        table(tmp_path, content)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"orders\.csv: No such file"):
        read(tmp_path, "orders.csv")


@given(st.lists(st.sampled_from(["1", "x", "é", '"', ",", "\n", "\r\n", "\r", "\0", "\xff"])))
def test_whatever_the_bytes_every_line_is_in_a_row_or_blank(
    tmp_path_factory: pytest.TempPathFactory, parts: list[str]
) -> None:
    folder = tmp_path_factory.getbasetemp()
    found = table(folder, b"a,b\n" + "".join(parts).encode("latin-1"))
    numbers = [row.number for row in found.rows]
    assert numbers == sorted(set(numbers))
    for row in found.rows:
        assert row.fault or row.head.columns == ("a", "b")
