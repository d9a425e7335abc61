"""`qudao events export`: JSON Lines that say all that a store holds."""

import asyncio
import json
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from shared.contracts.event import Envelope
from shared.kernel.codec import Codec, pack, unpack
from shared.runtime.cli.events import Wanted
from shared.runtime.cli.main import app
from shared.runtime.cli.reach import Platformed
from shared.runtime.hosting import load
from shared.testing.embedded import embedded
from shared.testing.platform import Bed, platform

ENDED = datetime(2026, 1, 6, tzinfo=UTC)
CONTEXTS = ("partners", "orders")


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


async def business(bed: Bed) -> None:
    """Two partners with a limit, an order each, and one of them pays."""
    line = {"line": 1, "sku": "a", "product_line": "A", "quantity": "2"}
    for name in ("acme", "initech"):
        body = {"partner_id": name, "type": "agent", "level": "金牌", "regions": ["华东"]}
        await bed.post("/v1/partners", body)
        limit = {"limit": cny("1000")}
        await bed.post(f"/v1/partners/{name}/credit-limit", limit, role="finance")
        await bed.settle()
        order = {"order_id": f"o-{name}", "partner_id": name, "region": "华东", "currency": "CNY"}
        await bed.post("/v1/orders", order | {"lines": [line | {"unit_price": cny("100.50")}]})
        await bed.settle()
    paid = {"source_system": "bank", "document_no": "1", "partner_id": "acme"}
    await bed.post("/v1/payments", paid | {"amount": cny("201.00"), "paid_on": "2026-01-05"})
    await bed.settle()


@pytest.fixture
async def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[Envelope]]:
    """By context: what its store holds, in a folder that commands work on."""
    monkeypatch.setenv("QUDAO_DATA", str(tmp_path))
    async with platform(tmp_path) as bed:
        await business(bed)
        return {
            name: [one for _, one in await worker.ports.store.follow(after=0, limit=999)]
            for name, worker in bed.platform.workers.items()
        }


def qudao(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def exported(*words: str) -> list[dict[str, Any]]:
    result = qudao("events", "export", *words)
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_a_line_is_the_record_of_the_topic_with_its_position(
    told: dict[str, list[Envelope]],
) -> None:
    lines = qudao("events", "export", "orders").stdout.splitlines()
    assert len(lines) == len(told["orders"]) > 10
    last = 0
    for line, envelope in zip(lines, told["orders"], strict=True):
        position = json.loads(line)["position"]
        assert position > last
        assert line == f'{{"position":{position},{pack(envelope).decode()[1:]}'
        last = position


def test_without_a_name_it_is_every_context(told: dict[str, list[Envelope]]) -> None:
    found = exported()
    assert len(found) == sum(map(len, told.values()))
    assert {one["source"] for one in found} >= {"/partners", "/orders", "/notifications"}


def test_from_one_position_to_another(told: dict[str, list[Envelope]]) -> None:
    every = [one["position"] for one in exported("orders")]
    some = exported("orders", "--after", str(every[2]), "--until", str(every[6]))
    assert [one["position"] for one in some] == every[3:7]
    assert exported("orders", "--after", str(every[-1])) == []
    assert qudao("events", "export", "--after", "3").exit_code == 2


def test_by_type_and_by_partner(told: dict[str, list[Envelope]]) -> None:
    types = ("OrderApproved", "PaymentReceived")
    asked = [word for type_ in types for word in ("--type", type_)]
    found = exported("orders", *asked)
    assert sorted(one["type"] for one in found) == ["OrderApproved"] * 2 + ["PaymentReceived"]
    mine = exported("orders", *asked, "--partner", "initech")
    assert [(one["type"], one["data"]["partner_id"]) for one in mine] == [(types[0], "initech")]


async def test_a_page_without_any_of_them_is_not_the_last_one(tmp_path: Path) -> None:
    async with platform(tmp_path) as bed:
        await business(bed)
        bed.http.headers["Authorization"] = f"Bearer {bed.token()}"
        wanted = Wanted("orders", types=("PaymentReceived",), page=1)
        assert [one["type"] async for one in wanted.read(Platformed(bed.http))] == [*wanted.types]


async def test_a_store_that_is_made_of_an_export_holds_the_same_facts_and_folds_alike(
    told: dict[str, list[Envelope]], tmp_path: Path
) -> None:
    """Read with the CloudEvents of the lines alone, into an installation that had nothing."""
    result = await asyncio.to_thread(qudao, "events", "export", *CONTEXTS)
    read = [unpack(line.encode()) for line in result.stdout.splitlines()]
    assert len(read) == sum(len(told[name]) for name in CONTEXTS) > 10
    codecs = {one.name: Codec.of(one.aggregates) for one in load(CONTEXTS)}
    assert all(codecs[one.source[1:]].decode(one) for one in read)
    (tmp_path / "again").mkdir()
    with embedded(tmp_path / "again", *CONTEXTS) as ports:
        for subject, facts in groupby(sorted(read, key=lambda one: one.subject), _stream):
            store = ports[subject.partition(".")[0]].store
            await store.append(subject, sorted(facts, key=lambda one: one.sequence), expected=0)
    async with platform(tmp_path / "again", ENDED.isoformat(), contexts=CONTEXTS) as bed:
        await bed.settle()
        account = await bed.get("/v1/accounts/acme")
        assert (account["exposure"], account["available"]) == (cny("0.00"), cny("1000.00"))
        orders = await bed.get("/v1/orders")
        assert {one["order_id"]: one["status"] for one in orders["items"]} == {
            "o-acme": "approved",
            "o-initech": "approved",
        }


def _stream(one: Envelope) -> str:
    return one.subject
