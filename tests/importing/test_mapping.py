"""A mapping is data with a schema; what is wrong with it is said before anything is sent."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from shared.runtime.importing import mapping as module
from shared.runtime.importing.mapping import BadMapping, Mapping
from shared.runtime.importing.plan import plan
from tests.importing.beds import MAPPING, SAMPLE

SCHEMA = Path(module.__file__).with_name("mapping.schema.json")
EXAMPLE: dict[str, Any] = json.loads(MAPPING.read_text(encoding="utf-8"))


def test_the_schema_is_that_of_the_code() -> None:
    """After a change: `PUBLISH=new` and this test."""
    text = json.dumps(Mapping.model_json_schema(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("PUBLISH"):
        SCHEMA.write_text(text, encoding="utf-8")
    assert SCHEMA.read_text(encoding="utf-8") == text


def test_the_example_satisfies_the_schema_and_names_it() -> None:
    jsonschema_rs.validate(json.loads(SCHEMA.read_text(encoding="utf-8")), EXAMPLE)
    assert (MAPPING.parent / EXAMPLE["$schema"]).resolve() == SCHEMA


def changed(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    told = json.loads(json.dumps(EXAMPLE)) | {"programmes": []}
    change(told)
    path = folder / "mapping.json"
    path.write_text(json.dumps(told), encoding="utf-8")
    return path


MISTAKES: list[tuple[Callable[[dict[str, Any]], object], str]] = [
    (lambda m: m.update(currency="EURO"), "currency: .*no ISO 4217 code"),
    (lambda m: m.update(currencies="EUR"), "currencies: Extra inputs"),
    (lambda m: m.pop("source"), "source: Field required"),
    (
        lambda m: m["payments"].update(strategy="newest"),
        "payments.strategy: .*'exact-else-oldest'",
    ),
    (lambda m: m["payments"]["fields"].pop("amount"), "payments.fields.amount: Field required"),
    (lambda m: m["orders"]["fields"].update(colour="{x}"), "orders.fields.colour: Extra"),
    (lambda m: m.update(encoding="latin-99"), "encoding: .*no encoding"),
    (lambda m: m.update(numbers={"decimal": ",", "grouping": ","}), "numbers: .*the same"),
    (
        lambda m: m["partners"]["fields"].update(type="{kind}"),
        r"partners\.fields\.type: customers\.csv has no column 'kind'; it has customerNumber, ",
    ),
    (
        lambda m: m["orders"]["fields"].update(region="{partner.land}"),
        r"orders\.fields\.region: customers\.csv has no column 'land'",
    ),
    (
        lambda m: m["orders"]["lines"]["lookups"]["product"].update(by="{item}"),
        r"orders\.lines\.lookups\.product\.by: orderdetails\.csv has no column 'item'",
    ),
    (lambda m: m["payments"].update(file="cash.csv"), r"cash\.csv: No such file"),
    (lambda m: m.update(programmes=["none.json"]), r"none\.json: No such file"),
    (lambda m: [m.pop(kind) for kind in ("partners", "orders", "payments")], "names neither"),
]


@pytest.mark.parametrize(("change", "why"), MISTAKES)
def test_a_mistake_is_named_with_its_place(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    path = changed(tmp_path, change)
    with pytest.raises(Exception, match=why):
        plan(SAMPLE, path)


@pytest.mark.parametrize("text", ["{", "[]", '"x"', "[" * 100_000])
def test_what_is_no_json_object_is_no_mapping(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(BadMapping):
        Mapping.load(tmp_path / "m.json")


CHINESE: dict[str, Any] = {
    "source": "金蝶",
    "currency": "CNY",
    "delimiter": ";",
    "numbers": {"decimal": ",", "grouping": "."},
    "date": "%Y年%m月%d日",
    "orders": {
        "file": "订单.csv",
        "fields": {
            "order_id": "kd-{单号}",
            "partner_id": "{客户}",
            "region": "华东",
            "ordered_on": "{日期}",
            "status": "approved",
        },
        "lines": {
            "file": "明细.csv",
            "fields": {
                "order_id": "kd-{单号}",
                "sku": "{货号}",
                "product_line": "水泵",
                "quantity": "{数量}",
                "unit_price": "{单价}",
                "tax_rate": "0,13",
            },
        },
    },
}


def test_another_business_has_other_columns_words_and_bytes(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text(json.dumps(CHINESE), encoding="utf-8")
    orders = "单号;客户;日期\n7;acme;2025年03月01日\n"
    lines = "单号;货号;数量;单价\n7;P-1;2;1.234,50\n7;P-2;0,5;8\n"
    (tmp_path / "订单.csv").write_bytes(orders.encode("gb18030"))
    (tmp_path / "明细.csv").write_bytes(lines.encode("gb18030"))
    (order,) = plan(tmp_path, tmp_path / "m.json").orders
    assert order.faults == ()
    assert order.body == {
        "order_id": "kd-7",
        "partner_id": "acme",
        "region": "华东",
        "ordered_on": "2025-03-01",
        "status": "approved",
        "currency": "CNY",
        "lines": [
            {"line": 1, "sku": "P-1", "product_line": "水泵", "quantity": "2",
             "unit_price": {"amount": "1234.50", "currency": "CNY"}, "tax_rate": "0.13"},
            {"line": 2, "sku": "P-2", "product_line": "水泵", "quantity": "0.5",
             "unit_price": {"amount": "8", "currency": "CNY"}, "tax_rate": "0.13"},
        ],
    }  # fmt: skip
