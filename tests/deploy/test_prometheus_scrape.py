"""A real Prometheus asks a real process, with the rules that are shipped."""

import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from shutil import which
from typing import Any
from urllib.parse import urlparse

import pytest
import yaml
from httpx2 import Client, TransportError

from tests.architecture.sources import ROOT
from tests.e2e.process import Qudao, started

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.timeout(600)]

FOLDER = ROOT / "deploy/prometheus"
LIVENESS = 60
PARTNER = {
    "partner_id": "p-1",
    "type": "agent",
    "level": "gold",
    "regions": [],
    "industries": [],
    "product_lines": [],
}


def configured(folder: Path, target: str) -> Path:
    """What is shipped, but for where the process is and how often it is asked."""
    shipped = yaml.safe_load((FOLDER / "prometheus.yml").read_text())
    ours = shipped["scrape_configs"][0]
    del ours["dns_sd_configs"]
    labels = {"__meta_dns_name": "orders-worker"}
    ours |= {"static_configs": [{"targets": [target], "labels": labels}], "scrape_timeout": "3s"}
    shipped["scrape_configs"] = [ours]
    shipped["global"] = {"scrape_interval": "3s", "evaluation_interval": "1s"}
    shipped["rule_files"] = [str(FOLDER / name) for name in shipped["rule_files"]]
    path = folder / "prometheus.yml"
    path.write_text(yaml.safe_dump(shipped))
    return path


@dataclass(frozen=True, slots=True)
class Prometheus:
    http: Client

    def ask(self, query: str) -> list[tuple[Mapping[str, str], float]]:
        answer = self.http.get("/api/v1/query", params={"query": query}).json()
        assert answer["status"] == "success", answer
        found = [(one["metric"], float(one["value"][1])) for one in answer["data"]["result"]]
        return found

    def until(self, query: str) -> list[tuple[Mapping[str, str], float]]:
        """Its answer, once there is one."""
        for _ in range(LIVENESS * 5):
            if found := self.ask(query):
                return found
            time.sleep(0.2)
        raise AssertionError(f"no answer to {query}: {self.get('targets')}")

    def get(self, what: str) -> Any:
        return self.http.get(f"/api/v1/{what}").json()["data"]


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[Prometheus]:
    assert which("prometheus"), "prometheus is missing: install Debian's package of that name"
    command = [
        "prometheus",
        f"--config.file={configured(folder, target)}",
        f"--storage.tsdb.path={folder / 'tsdb'}",
        "--web.listen-address=127.0.0.1:0",
        "--log.format=json",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr is not None
            with Client(base_url=f"http://{_address(process.stderr)}", timeout=LIVENESS) as http:
                _ready(http)
                yield Prometheus(http)
        finally:
            process.terminate()
            process.wait(LIVENESS)


def _ready(http: Client) -> None:
    """It listens before it can answer."""
    for _ in range(LIVENESS * 5):
        if http.get("/-/ready").status_code == HTTPStatus.OK:
            return
        time.sleep(0.2)
    raise AssertionError("Prometheus does not get ready")


def _address(said: Iterator[str]) -> str:
    """Prometheus was given no port, and tells which one it took."""
    for line in said:
        if (told := json.loads(line)).get("msg") == "Listening on":
            return str(told["address"])
    raise AssertionError("Prometheus ended before it listened")


@contextmanager
def watched(folder: Path) -> Iterator[tuple[Qudao, Prometheus]]:
    with ExitStack() as stack:
        qudao = stack.enter_context(started(folder / "data"))
        target = urlparse(str(qudao.http.base_url)).netloc
        yield qudao, stack.enter_context(prometheus(folder, target))


def test_what_the_platform_does_is_seen_by_prometheus(tmp_path: Path) -> None:
    with watched(tmp_path) as (qudao, watching):
        print("ran against", watching.get("status/buildinfo")["version"])  # noqa: T201
        ((labels, _),) = watching.until('up{job="qudao"} == 1')
        assert (labels["service"], labels["role"]) == ("orders-worker", "worker")
        qudao.post("/v1/partners", PARTNER)
        assert watching.until('qudao_appended_facts_total{context="partners"} >= 1')
        assert watching.until('sum(qudao_commands_total{outcome="done"}) >= 1')


def test_the_rules_that_are_shipped_record_and_nothing_is_on_alarm(tmp_path: Path) -> None:
    with watched(tmp_path) as (qudao, watching):
        qudao.post("/v1/partners", PARTNER)
        assert watching.until('service:up:sum{service="orders-worker"} == 1')
        assert {one["context"] for one, _ in watching.until("context:qudao_leads:sum == 1")} >= {
            "orders",
            "rebates",
        }
        assert watching.until('consumer:qudao_behind_seconds:max{consumer="partners.relay"} == 0')
        groups = watching.get("rules")["groups"]
        assert [one["health"] for group in groups for one in group["rules"]].count("err") == 0
        alerts = watching.get("alerts")["alerts"]
        assert [one for one in alerts if one["state"] == "firing"] == []


def test_a_process_that_is_gone_is_noticed(tmp_path: Path) -> None:
    with watched(tmp_path) as (qudao, watching):
        watching.until('up{job="qudao"} == 1')
        qudao.stop()
        watching.until('up{job="qudao"} == 0')
        watching.until('ALERTS{alertname="QudaoProcessDown",alertstate="pending"}')
        with pytest.raises(TransportError):
            qudao.http.get("/health")
