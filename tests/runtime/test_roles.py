"""Roles as real processes on one embedded folder: one worker leads, another one takes over."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Client, get

from shared.runtime.adapters import Locked
from shared.runtime.http import Caller
from shared.runtime.tokens import LOCAL, Issuer
from tests.runtime.running import LIVENESS, QUDAO, environment, free_port
from tests.runtime.test_killed import ask, check, prepare

CONTEXTS = ("partners", "leads", "orders", "rebates", "mdf", "forecast", "notifications")
processes = pytest.mark.slow
pytestmark = pytest.mark.timeout(180)


@dataclass
class Role:
    process: "subprocess.Popen[str]"
    address: str

    def leads(self, context: str = "orders") -> bool:
        told = get(f"{self.address}/metrics", timeout=LIVENESS).text
        return f'qudao_leads{{context="{context}"}} 1.0' in told

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(LIVENESS)


@dataclass
class Roles:
    folder: Path
    stack: ExitStack

    def begin(self, *words: str) -> Role:
        process = self.stack.enter_context(
            subprocess.Popen(
                [QUDAO, *words, "--port", str(free_port())],
                env=environment(self.folder),
                stdout=subprocess.PIPE,
                text=True,
            )
        )
        self.stack.callback(process.kill)
        assert process.stdout is not None
        line = next(line for line in process.stdout if line.startswith("ready "))
        return Role(process, line.split()[1])

    def client(self, role: Role) -> Client:
        caller = Caller(issuer=LOCAL, subject="pat", role="director", partner_id=None)
        headers = {"Authorization": f"Bearer {Issuer.of(self.folder).token(caller)}"}
        http = Client(base_url=role.address, timeout=LIVENESS, headers=headers)
        return self.stack.enter_context(http)

    def run(self, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [QUDAO, *words],
            env=environment(self.folder, **settings),
            capture_output=True,
            text=True,
            timeout=LIVENESS,
            check=False,
        )


@pytest.fixture
def roles(tmp_path: Path) -> Iterator[Roles]:
    with ExitStack() as stack:
        yield Roles(tmp_path, stack)


def until(so: Callable[[], Any]) -> None:
    ends = time.monotonic() + LIVENESS
    while not so():
        assert time.monotonic() < ends, "nothing came of it"
        time.sleep(0.05)


@processes
def test_a_killed_worker_is_followed_by_the_other_and_everything_is_counted_once(
    roles: Roles,
) -> None:
    first, second = (roles.begin("worker", *CONTEXTS) for _ in range(2))
    api = roles.client(roles.begin("api", *CONTEXTS))
    until(lambda: first.leads() or second.leads())
    assert [first.leads(), second.leads()] == [True, False]
    prepare(api)
    for number in range(10):
        assert ask(api, number) == [201, 201]
    assert first.stop(signal.SIGKILL) != 0
    for number in range(10, 20):
        assert ask(api, number) == [201, 201]
    until(second.leads)
    assert api.get("/v1/settled", params={"timeout": 60}).json()["settled"]
    check(api, 20)
    again = roles.begin("worker", *CONTEXTS)
    assert not again.leads()
    assert second.stop() == 0
    assert ask(api, 20) == [201, 201]
    until(again.leads)
    assert api.get("/v1/settled", params={"timeout": 60}).json()["settled"]
    check(api, 21)


@processes
def test_an_api_sees_what_it_wrote_when_nobody_works_and_settles_when_somebody_does(
    roles: Roles,
) -> None:
    api = roles.client(roles.begin("api", *CONTEXTS))
    prepare(api)
    assert len(api.get("/v1/partners").json()["items"]) == 1
    assert api.get("/v1/settled", params={"timeout": 0.5}).status_code == 504
    roles.begin("worker", *CONTEXTS)
    assert api.get("/v1/settled", params={"timeout": 60}).json()["settled"]
    assert ask(api, 0) == [201, 201]
    assert api.get("/v1/settled", params={"timeout": 60}).json()["settled"]
    check(api, 1)


@processes
def test_a_rebuild_that_an_api_begins_is_done_by_the_worker(roles: Roles) -> None:
    roles.begin("worker", "partners")
    api = roles.client(roles.begin("api", "partners"))
    body = {"partner_id": "p1", "type": "agent", "level": "gold"}
    api.post("/v1/partners", json=body, headers={"Idempotency-Key": "k"})
    begun = api.post(
        "/v1/rebuilds", params={"view": "partners.register"}, headers={"Idempotency-Key": "r"}
    )
    assert begun.status_code == 202
    assert api.get("/v1/settled", params={"timeout": 60}).json()["settled"]
    assert len(api.get("/v1/partners").json()["items"]) == 1


@processes
def test_one_alone_takes_no_folder_that_roles_use_and_they_take_none_of_its(
    roles: Roles,
) -> None:
    role = roles.begin("worker", "orders")
    for words in (("up", "--port", "0"), ("wait",)):
        refused = roles.run(*words)
        assert (refused.returncode, str(roles.folder) in refused.stderr) == (1, True)
        assert len(refused.stderr.strip().splitlines()) == 1
    copied = roles.folder / "copy"
    assert roles.run("backup", str(copied)).returncode == 0
    assert roles.run("restore", str(copied)).returncode == 1
    assert roles.run("doctor").returncode == 0
    assert role.stop() == 0
    alone = roles.begin("up")
    for role_words in (("worker", "orders"), ("api", "orders")):
        refused = roles.run(*role_words)
        assert (refused.returncode, str(roles.folder) in refused.stderr) == (1, True)
        assert len(refused.stderr.strip().splitlines()) == 1
    assert alone.stop(signal.SIGKILL) != 0
    api = roles.begin("api", "orders")
    told = roles.run("wait")  # the address of the killed one is nobody's
    assert (told.returncode, "in use" in told.stderr) == (1, True)
    assert api.stop() == 0


@processes
def test_roles_that_start_at_once_on_an_empty_folder_share_one_key(roles: Roles) -> None:
    started = [
        subprocess.Popen(
            [QUDAO, part, *CONTEXTS, "--port", str(free_port())],
            env=environment(roles.folder),
            stdout=subprocess.PIPE,
            text=True,
        )
        for part in ("worker", "api", "worker", "api")
    ]
    for process in started:
        roles.stack.enter_context(process)
        roles.stack.callback(process.kill)
    addresses = []
    for process in started:
        assert process.stdout is not None
        line = next(line for line in process.stdout if line.startswith("ready "))
        addresses.append(line.split()[1])
    for api in (addresses[1], addresses[3]):
        http = roles.client(Role(started[1], api))
        assert http.get("/v1/partners").status_code == 200


@processes
def test_a_context_named_twice_is_hosted_once(roles: Roles) -> None:
    """Two of one process would keep each other from the lock."""
    worker = roles.begin("worker", "partners", "orders")
    api = roles.client(roles.begin("api", *CONTEXTS))
    prepare(api)
    until(lambda: api.get("/v1/accounts/p1").status_code == 200)
    assert worker.stop() == 0
    until(roles.begin("worker", "orders", "orders").leads)


@pytest.mark.parametrize("words", [("worker", "nothing"), ("api", "gateway"), ("worker",)])
def test_a_context_that_is_none_is_said(roles: Roles, words: tuple[str, ...]) -> None:
    told = roles.run(*words)
    assert told.returncode == 2
    assert "Traceback" not in told.stderr


def test_of_those_who_ask_for_the_lock_one_leads_until_it_ends(tmp_path: Path) -> None:
    first, second = Locked(tmp_path / "orders.lead"), Locked(tmp_path / "orders.lead")
    assert (first.leads, first.epoch, first.holds("T/1")) == (True, 1, True)
    assert (second.leads, second.epoch, second.holds("T/1")) == (False, 0, False)
    first.close()
    assert (second.epoch, second.leads, second.holds("T/1")) == (1, True, True)
    second.close()


def test_of_processes_that_make_the_key_at_once_all_have_the_same(tmp_path: Path) -> None:
    """As many threads stand for as many processes."""
    with ThreadPoolExecutor(8) as pool:
        found = [*pool.map(lambda _: Issuer.of(tmp_path).key.as_dict(), range(16))]
    assert {json.dumps(one, sort_keys=True) for one in found} == {
        json.dumps(Issuer.of(tmp_path).key.as_dict(), sort_keys=True)
    }
    assert [path.name for path in (tmp_path / "keys").iterdir()] == ["issuer.json"]
    assert (tmp_path / "keys" / "issuer.json").stat().st_mode & 0o077 == 0
