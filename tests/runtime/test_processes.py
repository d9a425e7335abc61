"""`qudao up` as a real process: how it starts, and how it stops or is stopped."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from httpx2 import Client, TransportError

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]
QUDAO = Path(sys.executable).with_name("qudao")
START = "2026-01-05T09:00:00+08:00"
GRACE = 10
LIVENESS = 60


@dataclass(slots=True)
class Up:
    """A running `qudao up`, and what it has said so far."""

    process: "subprocess.Popen[str]"
    said: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.said[-1].split()[1]

    def stop(self, how: signal.Signals) -> tuple[int, float]:
        """The exit code, and how long it took."""
        began = time.monotonic()
        self.process.send_signal(how)
        code = self.process.wait(LIVENESS)
        return code, time.monotonic() - began

    @contextmanager
    def client(self) -> Iterator[Client]:
        with Client(base_url=self.address, timeout=LIVENESS) as http:
            wish = {"role": "director", "sub": "pat"}
            token = http.post("/v1/tokens", json=wish).json()["token"]
            http.headers["Authorization"] = f"Bearer {token}"
            yield http


def environment(folder: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "QUDAO_DATA": str(folder), "QUDAO_TEST": "1", **more}


@contextmanager
def up(folder: Path, port: int, *more: str, ready: bool = True) -> Iterator[Up]:
    with subprocess.Popen(
        [QUDAO, "up", "--port", str(port), *more],
        env=environment(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        one = Up(process)
        try:
            assert process.stdout is not None
            for line in process.stdout if ready else ():
                one.said.append(line.strip())
                if line.startswith("ready "):
                    break
            yield one
        finally:
            process.kill()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_its_last_word_at_start_is_where_it_listens(tmp_path: Path) -> None:
    port = free_port()
    with up(tmp_path, port, "--clock", START) as one:
        assert one.said == [f"ready http://127.0.0.1:{port}"]
        with one.client() as http:
            assert http.get("/health").status_code == 200
            assert http.get("/metrics").status_code == 200
            assert http.get("/v1/clock").json()["now"] == "2026-01-05T01:00:00+00:00"
        code, seconds = one.stop(signal.SIGTERM)
        assert (code, seconds < GRACE) == (0, True)
        assert one.process.stdout and one.process.stdout.read() == ""


def test_ctrl_c_stops_it_as_well_and_the_clock_goes_on_where_it_stood(tmp_path: Path) -> None:
    port = free_port()
    with up(tmp_path, port, "--clock", START) as one, one.client() as http:
        target = {"advance_to": "2026-03-01T00:00:00+08:00"}
        assert http.post("/v1/clock", json=target).status_code == 200
        assert one.stop(signal.SIGINT)[0] == 0
    with up(tmp_path, port, "--clock", START) as one, one.client() as http:
        assert http.get("/v1/clock").json()["now"] == "2026-02-28T16:00:00+00:00"


def test_a_second_one_on_the_same_folder_refuses_plainly(tmp_path: Path) -> None:
    port = free_port()
    with up(tmp_path, port) as first, up(tmp_path, port + 1, ready=False) as second:
        out, told = second.process.communicate(timeout=LIVENESS)
        assert second.process.returncode == 1
        assert len(told.strip().splitlines()) == 1
        assert str(tmp_path) in told and "QUDAO_DATA" in told
        assert "ready" not in out
        with first.client() as http:
            assert http.get("/health").status_code == 200


def test_the_next_free_port_is_taken_and_said(tmp_path: Path) -> None:
    port = free_port()
    with up(tmp_path / "a", port) as first, up(tmp_path / "b", port) as second:
        taken = int(second.address.rpartition(":")[2])
        assert port < taken < port + 100
        assert second.said[0] == f"port {port} is taken, using {taken}"
        for one in (first, second):
            with one.client() as http:
                assert http.get("/health").status_code == 200


def test_two_that_start_at_once_get_a_port_each(tmp_path: Path) -> None:
    port = free_port()
    with ExitStack() as both:
        starting = [both.enter_context(up(tmp_path / n, port, ready=False)) for n in "ab"]
        lines = [ready(one) for one in starting]
        assert len(set(lines)) == 2


def ready(one: Up) -> str:
    assert one.process.stdout is not None
    return next(line for line in one.process.stdout if line.startswith("ready "))


def test_a_hand_turned_clock_is_for_tests_and_the_demo(tmp_path: Path) -> None:
    told = subprocess.run(
        [QUDAO, "up", "--clock", START],
        env=environment(tmp_path, QUDAO_TEST="0"),
        capture_output=True,
        text=True,
        timeout=LIVENESS,
        check=False,
    )
    assert told.returncode != 0
    assert "--clock needs --demo or QUDAO_TEST=1" in told.stderr


def test_data_that_newer_code_has_written_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "orders.store.db").write_bytes(
        b"this is no SQLite file, and it is long enough" * 9
    )
    with up(tmp_path, free_port(), ready=False) as one:
        _, told = one.process.communicate(timeout=LIVENESS)
        assert one.process.returncode == 1
        assert len(told.strip().splitlines()) == 1, told
        assert "orders.store.db" in told


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


def test_a_body_that_is_too_large_is_answered_by_a_real_server_too(tmp_path: Path) -> None:
    with up(tmp_path, free_port()) as one, one.client() as http:
        for size in (2 << 20, 10 << 20):
            sent = {"Idempotency-Key": "k", "content-type": "application/json"}
            try:
                answer = http.post("/v1/partners", content=b" " * size, headers=sent)
            except TransportError:
                continue  # cut off while it still sent: that is an answer, too
            assert (answer.status_code, json.loads(answer.content)["slug"]) == (
                413,
                "body-too-large",
            )
        assert http.get("/health").status_code == 200
