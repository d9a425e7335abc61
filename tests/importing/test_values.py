"""From cells to values: a wrong one names its cell."""

import pytest

from shared.runtime.importing.cells import Faulty, Head, Row
from shared.runtime.importing.mapping import Detailed, Numbers
from shared.runtime.importing.table import Table
from shared.runtime.importing.values import KINDS, Reference, Scope, Style, plain, value


def row(file: str, number: int, **cells: str) -> Row:
    return Row(Head(file, tuple(cells)), number, tuple(cells.values()))


ROW = row("t.csv", 7, no="A-1", amount="1.234,50", when="19.10.2004", blank="")
GERMAN = Style("EUR", Numbers(decimal=",", grouping="."), "%d.%m.%Y")
PLAIN = Style("USD", Numbers(), "%Y-%m-%d")


def read(text: str, kind: str = "", style: Style = PLAIN, **how: object) -> object:
    parse = KINDS.get(kind, plain)
    found = value(Detailed.model_validate({"from": text, **how}), parse, Scope(ROW), style)[1]
    return found[0] if len(found) == 1 else found


def parsed(text: str, kind: str, style: Style = PLAIN) -> object:
    return value(Detailed(text=text), KINDS[kind], Scope(ROW), style)[1][0]


def test_holes_are_filled_and_the_rest_stands() -> None:
    assert read("x-{no}-{when}") == "x-A-1-19.10.2004"
    assert read("distributor") == "distributor"


def test_a_business_writes_amounts_and_dates_its_own_way() -> None:
    assert read("{amount}", "amount", GERMAN) == {"amount": "1234.50", "currency": "EUR"}
    assert read("{when}", "paid_on", GERMAN) == "2004-10-19"
    assert read("{when}", "paid_on", date="%d.%m.%Y") == "2004-10-19"


def test_a_blank_cell_blanks_the_whole_text_unless_that_is_allowed() -> None:
    with pytest.raises(Faulty) as caught:
        read("cm-{no}-{blank}")
    assert caught.value.fault == (("t.csv", 7, "blank", ""), "cell-blank")
    assert read("cm-{blank}", optional=True) == []


def test_words_of_theirs_become_words_of_ours_or_are_refused() -> None:
    assert read("{no}", values={"A-1": "shipped"}) == "shipped"
    with pytest.raises(Faulty) as caught:
        read("{no}", values={"B": "shipped"})
    assert caught.value.fault == (("t.csv", 7, "no", "A-1"), "value-unmapped")


def test_one_cell_may_hold_several_values() -> None:
    assert read("east、 west、", split="、") == ["east", "west"]


@pytest.mark.parametrize(
    "text",
    ["NaN", "nan", "inf", "-Infinity", "1e5", "1,000", "1.", ".5", "1 000", "٣", "0x10", "--1",
     "1234567890123456789", "0.1234567", "$5", "1.2.3", "+1"],
)  # fmt: skip
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    with pytest.raises(Faulty, match="number-malformed"):
        parsed(text, "quantity")


@pytest.mark.parametrize("text", ["1.23,4", "12.34", "1.2345", "1,2,3", "1234.567,0"])
def test_grouping_groups_by_thousands_or_is_refused(text: str) -> None:
    with pytest.raises(Faulty, match="number-malformed"):
        parsed(text, "quantity", GERMAN)


@pytest.mark.parametrize(
    ("text", "kind", "slug"),
    [
        ("0", "amount", "number-not-positive"),
        ("-5.00", "amount", "number-not-positive"),
        ("5.001", "amount", "number-too-precise"),
        ("-1", "quantity", "number-not-positive"),
        ("-1", "unit_price", "number-negative"),
        ("-1", "credit_limit", "number-negative"),
        ("2004-02-30", "paid_on", "date-malformed"),
        ("2004/02/03", "paid_on", "date-malformed"),
        ("0204-02-03", "paid_on", "date-implausible"),
        ("a b", "partner_id", "id-malformed"),
        ("-x", "order_id", "id-malformed"),
        ("1.0", "line", "number-malformed"),
        ("Shipped", "status", "status-unknown"),
    ],
)
def test_each_field_takes_its_own_kind(text: str, kind: str, slug: str) -> None:
    with pytest.raises(Faulty, match=slug):
        parsed(text, kind)


def test_a_row_may_refer_to_rows_of_another_file() -> None:
    known = [("A-1", "Ships"), ("B", ""), ("C", "Trains"), ("C", "Planes")]
    rows = [row("p.csv", at, code=code, line=line) for at, (code, line) in enumerate(known, 2)]
    other = Table(rows[0].head, rows)
    product = {"product": Reference.of("product", other, "{code}", "{no}")}

    def line(no: str) -> str:
        return Scope(row("t.csv", 9, no=no), product).fill("{product.line}")[0]

    assert line("A-1") == "Ships"
    assert line("B") == ""
    for no, slug in (("X", "product-unknown"), ("C", "product-ambiguous"), ("", "cell-blank")):
        with pytest.raises(Faulty) as caught:
            line(no)
        assert caught.value.fault == (("t.csv", 9, "no", no), slug)
