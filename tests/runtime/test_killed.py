"""`qudao up`, stopped or killed under load: what was acknowledged is there, and is there once."""

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from httpx2 import Client, TransportError

from tests.runtime.running import GRACE, LIVENESS, START, Up, free_port, up

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
PROGRAMME = {
    "programme_id": "growth",
    "version": 1,
    "effective_from": "2026-01-01",
    "currency": "CNY",
    "partition": ["product_line"],
    "method": "whole",
    "tiers": [{"from": "10", "rate": "0.10"}],
    "period": "year",
    "grace_days": 10,
    "settle_after": "PT1H",
    "settlement": "manual",
}


def cny(amount: int) -> dict[str, str]:
    return {"amount": f"{amount}.00", "currency": "CNY"}


def requests(number: int) -> list[tuple[str, dict[str, Any]]]:
    """One order and its payment."""
    line = {"line": 1, "sku": "s", "product_line": "A", "quantity": "1", "unit_price": cny(100)}
    head = {"order_id": f"o{number}", "partner_id": "p1", "region": "east", "currency": "CNY"}
    paid = {"source_system": "bank", "document_no": f"d{number}", "partner_id": "p1"}
    money = {"order_id": f"o{number}", "amount": cny(100), "paid_on": "2026-01-05"}
    return [("/v1/orders", head | {"lines": [line]}), ("/v1/payments", paid | money)]


def ask(http: Client, number: int) -> list[int]:
    """The statuses of both; a repeat has the same keys."""
    found = []
    for path, body in requests(number):
        key = {"Idempotency-Key": f"{path}-{number}"}
        found.append(http.post(path, json=body, headers=key).status_code)
    return found


def prepare(http: Client) -> None:
    for number, (path, body) in enumerate(
        [
            ("/v1/partners", {"partner_id": "p1", "type": "agent", "level": "gold"}),
            ("/v1/partners/p1/credit-limit", {"limit": cny(10_000_000)}),
            ("/v1/rebates/programmes", PROGRAMME),
        ]
    ):
        answer = http.post(path, json=body, headers={"Idempotency-Key": f"prepare-{number}"})
        assert answer.is_success, answer.text


def hammer(one: Up, how: signal.Signals, after: int) -> tuple[list[int], list[int]]:
    """Ask from four sides until it is stopped: what was acknowledged, and what was tried."""
    acknowledged: list[int] = []
    tried: list[int] = []
    enough, gone = Event(), Event()

    def side(number: int) -> None:
        with one.client() as http:
            while not gone.is_set():
                tried.append(number)
                try:
                    if ask(http, number) == [201, 201]:
                        acknowledged.append(number)
                except TransportError:
                    return
                number += 4
                if len(acknowledged) >= after:
                    enough.set()

    with ThreadPoolExecutor(4) as sides:
        running = [sides.submit(side, number) for number in range(4)]
        assert enough.wait(LIVENESS)
        code, seconds = one.stop(how)
        gone.set()
        for side_ in running:
            side_.result(LIVENESS)
    if how == signal.SIGTERM:
        assert (code, seconds < GRACE) == (0, True)
    return acknowledged, tried


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_what_was_acknowledged_is_there_after_it_was_stopped_and_is_there_once(
    tmp_path: Path, how: signal.Signals
) -> None:
    port = free_port()
    tried: set[int] = set()
    for round_ in range(3):
        with up(tmp_path, port, "--clock", START) as one:
            with one.client() as http:
                prepare(http)
                for number in tried:  # what the client is not sure of, it asks again
                    assert ask(http, number) == [201, 201]
            acknowledged, more = hammer(one, how, after=15 * (round_ + 1))
            tried |= {*acknowledged, *more}
    with up(tmp_path, port, "--clock", START) as one, one.client() as http:
        for number in tried:
            assert ask(http, number) == [201, 201]
        assert http.get("/v1/settled").json()["parked"] == 0
        check(http, len(tried))


def check(http: Client, count: int) -> None:
    """Everything was counted once, from the order to the rebate."""
    account = http.get("/v1/accounts/p1").json()
    assert account["held"] == []
    rebate = http.get("/v1/rebates/accounts", params={"programme": "growth"}).json()["items"][0]
    assert rebate["volume"] == cny(100 * count)
    assert rebate["entitlement"] == cny(10 * count)
    types = [fact["type"] for fact in facts(http, "orders")]
    assert types.count("OrderSubmitted") == types.count("OrderApproved") == count
    assert types.count("PaymentReceived") == count


def facts(http: Client, context: str) -> Iterator[dict[str, Any]]:
    after = 0
    while True:
        page = http.get("/v1/events", params={"context": context, "after": after, "limit": 200})
        yield from (told := page.json())["items"]
        if not told["items"]:
            return
        after = told["after"]
