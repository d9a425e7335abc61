"""All contexts, on a bus that repeats and mixes, their steps taken in any order: the same end.

Payments come before their orders, orders before their partners, the programme whenever; nothing is
lost, nothing is counted twice, and nothing is parked.
"""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from random import Random
from typing import Any

import pytest

from shared.adapters.sqlite import SqliteBus
from shared.kernel.errors import StaleOwner
from shared.kernel.step import Step
from shared.runtime.hiring import hire
from shared.runtime.worker import Worker
from shared.testing.careless import CarelessBus
from shared.testing.platform import Bed, platform

PARTNERS = ("p1", "p2", "p3")
FEW, MANY = range(1, 4), range(4, 44)
Request = tuple[str, dict[str, Any]]


def cny(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "CNY"}


def order(partner: str, number: int) -> Request:
    lines = [
        {
            "line": line,
            "sku": f"sku-{name}",
            "product_line": name,
            "quantity": str(number + 1),
            "unit_price": cny(f"{1_000 * number + 10 * line}.33"),
        }
        for line, name in enumerate("AB", start=1)
    ]
    head = {"order_id": f"o-{partner}-{number}", "partner_id": partner, "region": "east"}
    return "/v1/orders", head | {"currency": "CNY", "lines": lines}


def payment(partner: str, number: int) -> Request:
    body = {
        "source_system": "bank",
        "document_no": f"{partner}-{number}",
        "partner_id": partner,
        "order_id": f"o-{partner}-{number}",
        "amount": cny(f"{number * 777}.01"),
        "paid_on": f"2026-0{number}-15",
    }
    return "/v1/payments", body


def programme(version: int, rate: str) -> Request:
    body = {
        "programme_id": "growth",
        "version": version,
        "effective_from": "2026-01-01",
        "currency": "CNY",
        "partition": ["product_line"],
        "method": "marginal",
        "tiers": [{"from": "1000", "rate": rate}, {"from": "2000", "rate": "0.05"}],
        "period": "quarter",
        "grace_days": 10,
        "settle_after": "PT1H",
        "settlement": "automatic",
    }
    return "/v1/rebates/programmes", body


def chains() -> list[list[Request]]:
    """Requests that build on each other; the chains do not."""
    return [
        *[[enrolment(partner), limit(partner)] for partner in PARTNERS],
        *[[order(partner, number)] for partner in PARTNERS for number in (1, 2, 3)],
        *[[payment(partner, number)] for partner in PARTNERS for number in (1, 2, 3)],
        *[[target(partner)] for partner in PARTNERS],
        [programme(1, "0.03")],
    ]


def enrolment(partner: str) -> Request:
    return "/v1/partners", {"partner_id": partner, "type": "agent", "level": "gold"}


def limit(partner: str) -> Request:
    return f"/v1/partners/{partner}/credit-limit", {"limit": cny("9000000")}


def target(partner: str) -> Request:
    head = {"partner_id": partner, "product_line": "A", "month": "2026-01"}
    return "/v1/forecast/targets", head | {"target": cny("5000")}


def shuffled(random: Random) -> Iterator[Request]:
    waiting = chains()
    while waiting:
        chain = random.choice(waiting)
        yield chain.pop(0)
        if not chain:
            waiting.remove(chain)


async def some_steps(bed: Bed, random: Random) -> None:
    """Any steps of any context, as often as it comes; now and then a context starts anew."""
    workers: dict[str, Worker] = dict(bed.platform.workers)
    if random.random() < 0.1:
        name, worker = random.choice([*workers.items()])
        workers[name] = await hire(worker.context, worker.ports)
        bed.platform.workers = workers
    steps: list[Step] = [s for w in bed.platform.workers.values() for s in w.steps()]
    for step in random.choices(steps, k=random.randint(0, len(steps))):
        try:
            await step.step()
        except StaleOwner:
            continue


async def play(folder: Path, seed: int) -> dict[str, Any]:
    random = Random(seed)
    folder.mkdir()
    with closing(SqliteBus(folder / "careless.db", "OFF")) as inner:
        async with platform(folder, bus=CarelessBus(inner, random)) as bed:
            for path, body in shuffled(random):
                for _ in range(random.choice((1, 1, 2))):  # some ask twice
                    await bed.post(path, body, role="director", key=f"{path}-{hash_of(body)}")
                await some_steps(bed, random)
            await bed.settle()
            await bed.advance("2026-05-01T09:00:00+08:00")
            await bed.settle()
            return await ended(bed)


def hash_of(body: dict[str, Any]) -> str:
    names = ("partner_id", "order_id", "document_no", "version", "limit")
    return "/".join(str(body.get(name, "")) for name in names).replace(" ", "")


async def ended(bed: Bed) -> dict[str, Any]:
    """What everybody sees in the end, without what tells when it came."""
    paths = {
        "orders": ("/v1/orders", ("order_id", "status", "total", "reasons")),
        "payments": ("/v1/payments", ("document_no", "status", "amount", "unallocated")),
        "accounts": (
            "/v1/rebates/accounts?programme=growth",
            ("partner_id", "period", "partition", "volume", "entitlement", "settled", "adjusted"),
        ),
        "targets": ("/v1/forecast/targets", ("partner_id", "actual", "attainment")),
    }
    found = {name: await page(bed, *told) for name, told in paths.items()}
    found["accounts"] += [await explanation(bed, partner) for partner in PARTNERS]
    owed = [await bed.get(f"/v1/accounts/{one}", role="finance") for one in PARTNERS]
    found["credit"] = [(one["limit"], one["exposure"], one["held"]) for one in owed]
    return found


async def page(bed: Bed, path: str, names: tuple[str, ...]) -> list[Any]:
    items = (await bed.get(path, params={"limit": 200}, role="director"))["items"]
    told = [[str(item[name]) for name in names] for item in items]
    return sorted(told)


async def explanation(bed: Bed, partner: str) -> list[Any]:
    where = {"programme": "growth", "partner": partner, "period": "2026Q1", "partition": "A"}
    told = await bed.get("/v1/rebates/accounts/explanation", params=where, role="finance")
    leaves = [(leaf["document_no"], leaf["volume"], leaf["amount"]) for leaf in told["leaves"]]
    return [leaves, told["sum"]]


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    """What the first seed has come to; every other one must come to the same."""
    return {}


async def compared(folder: Path, seed: int, reference: dict[str, Any]) -> None:
    if not reference:
        reference |= await play(folder / "reference", 0)
        assert [status for _, status, *_ in reference["orders"]] == ["approved"] * 9
        assert [status for _, status, *_ in reference["payments"]] == ["received"] * 9
        assert len(reference["accounts"]) == 6 + 3
    assert await play(folder / "other", seed) == reference


@pytest.mark.parametrize("seed", FEW)
async def test_any_order_of_steps_and_deliveries_comes_to_the_same_end(
    tmp_path: Path, reference: dict[str, Any], seed: int
) -> None:
    await compared(tmp_path, seed, reference)


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
async def test_many_orders_of_steps_and_deliveries_come_to_the_same_end(
    tmp_path: Path, reference: dict[str, Any], seed: int
) -> None:
    await compared(tmp_path, seed, reference)
