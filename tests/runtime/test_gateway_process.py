"""`qudao gateway` as a real process before real `qudao api` and `qudao worker` ones."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from httpx2 import Client

from tests.runtime.door import ENROL
from tests.runtime.running import LIVENESS, QUDAO, Up, environment, free_port

pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


@contextmanager
def role(folder: Path, *words: str, port: int = 0, **settings: str) -> Iterator[Up]:
    """One process of the installation, once it is ready."""
    with subprocess.Popen(
        [QUDAO, *words, "--port", str(port or free_port())],
        env=environment(folder, **settings),
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        one = Up(process)
        try:
            assert process.stdout is not None
            for line in process.stdout:
                one.said.append(line.strip())
                if line.startswith("ready "):
                    break
            yield one
        finally:
            process.kill()


@contextmanager
def installation(folder: Path) -> Iterator[tuple[Up, dict[str, Up]]]:
    """The gateway, and the api processes by context; one worker works for both."""
    with ExitStack() as stack:
        apis = {
            name: stack.enter_context(role(folder, "api", name)) for name in ("partners", "leads")
        }
        stack.enter_context(role(folder, "worker", "partners", "leads"))
        told = ",".join(f"{name}={one.address}" for name, one in apis.items())
        yield stack.enter_context(role(folder, "gateway", QUDAO_APIS=told)), apis


def enrol(http: Client, partner: str) -> str:
    told = {"Idempotency-Key": f"enrol-{partner}"}
    done = http.post("/v1/partners", json=ENROL | {"partner_id": partner}, headers=told)
    assert done.status_code == 201, done.text
    return str(done.headers["Qudao-Token"])


def lead(http: Client, name: str) -> None:
    body = {"lead_id": name, "company": f"示例{name}", "source": "web"}
    told = {"Idempotency-Key": f"lead-{name}"}
    done = http.post("/v1/leads", json=body | {"region": "e", "industry": "i"}, headers=told)
    assert done.status_code == 201, done.text


def give(http: Client, name: str, token: str) -> None:
    """The lead, by hand, to the partner that was enrolled just now."""
    told = {"Idempotency-Key": f"give-{name}", "Qudao-Token": token}
    done = http.post(f"/v1/leads/{name}/assignment", json={"partner_id": name}, headers=told)
    assert done.status_code == 200, done.text


def test_one_address_before_processes_of_which_each_may_go_and_come_back(tmp_path: Path) -> None:
    with installation(tmp_path) as (gateway, apis), gateway.client() as http:
        names = [f"p{number}" for number in range(8)]
        for name in names:
            lead(http, name)
        assert http.get("/v1/settled").status_code == 200
        for name in names:
            give(http, name, enrol(http, name))
        settled = http.get("/v1/settled").json()
        assert (settled["settled"], settled["parked"]) == (True, 0)
        assert http.get("/v1/facts").json()["contexts"]["partners"] == 8

        port = int(apis["leads"].address.rpartition(":")[2])
        assert apis["leads"].stop(signal.SIGTERM)[0] == 0
        gone = http.get("/v1/leads")
        assert (gone.status_code, gone.json()["slug"]) == (503, "context-unavailable")
        assert http.get("/v1/partners").status_code == 200
        assert http.get("/health/ready").status_code == 200
        with role(tmp_path, "api", "leads", port=port) as back:
            assert back.address == apis["leads"].address
            assert http.get("/v1/leads").status_code == 200
        assert gateway.stop(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize(
    ("apis", "said"),
    [
        ("", "QUDAO_APIS"),
        ("orders", "QUDAO_APIS"),
        ("nobody=http://127.0.0.1:1", "nobody"),
        ("gateway=http://127.0.0.1:1", "gateway"),
        ("orders=127.0.0.1:1", "http://"),
        ("orders=http://127.0.0.1:1/v1", "http://"),
    ],
)
def test_a_gateway_that_does_not_know_where_to_ask_is_not_started(
    tmp_path: Path, apis: str, said: str
) -> None:
    told = subprocess.run(
        [QUDAO, "gateway", "--port", str(free_port())],
        env=environment(tmp_path, QUDAO_APIS=apis),
        check=False,
        capture_output=True,
        text=True,
        timeout=LIVENESS,
    )
    assert told.returncode == 1
    (line,) = told.stderr.strip().splitlines()
    assert said in line
