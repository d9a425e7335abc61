"""Whatever a dashboard or a rule asks for exists in the code, with the labels that it names."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from shared.testing.platform import platform
from tests.architecture.sources import ROOT, contexts, sources
from tests.deploy.alarms import ALARMS
from tests.deploy.dashboards import DASHBOARDS
from tests.deploy.grafana import Dashboard
from tests.deploy.test_alerts import rules

METRIC = re.compile(r"(?<![\w:])qudao_[a-z0-9_]+(?![\w:])")
RECORDED = re.compile(r"\b[a-z_]+:[a-z_]+:[a-z0-9]+\b")
SERIES = re.compile(r"([a-z_:]+)(?:\{(.*)\})?")
ADDED = {"job", "instance", "service", "role", "pod"}  # by Prometheus, not by us
KINDS = {
    "Counter": ("_total",),
    "Gauge": ("",),
    "Histogram": ("_bucket", "_count", "_sum"),
}

RECORDS = {rule["record"]: rule["expr"] for rule in rules("rules.yml")}
PANELS = {
    f"{board.name}: {panel.title}": panel.asks
    for board in DASHBOARDS
    for row in board.rows
    for panel in row
}
ASKED = PANELS | RECORDS | {rule["alert"]: rule["expr"] for rule in rules("alerts.yml")}


def registered() -> set[str]:
    """Every metric that some line of our code makes under a name of its own."""
    found = set()
    for source in sources():
        if source.path.startswith(("services/", "shared/")) and "qudao_" in source.text:
            calls = [node for node in source.nodes if isinstance(node, ast.Call) and node.args]
            made = [one for call in calls for one in _made(call)]
            found |= {f"{name}{end}" for name, kind in made for end in KINDS[kind]}
    streams = filter(None, (getattr(one, "stream", None) for one in contexts()))
    return found | {f"qudao_stream_{name}" for one in streams for name in one.gauges}


def _made(call: ast.Call) -> Iterator[tuple[str, str]]:
    match call:
        case ast.Call(func=ast.Name(id=kind), args=[ast.Constant(value=str(name)), *_]):
            if (bare := kind.removesuffix("MetricFamily")) in KINDS and name.startswith("qudao_"):
                yield name, bare


def unknown(asked: Mapping[str, str], known: Collection[str]) -> dict[str, set[str]]:
    """By who asks: the metrics that nobody makes."""
    found = {name: {*METRIC.findall(asks)} - {*known} for name, asks in asked.items()}
    return {name: metrics for name, metrics in found.items() if metrics}


async def shown(folder: Path) -> str:
    """What a platform with every context tells, after a command."""
    async with platform(folder) as bed:
        await bed.post(
            "/v1/partners",
            {
                "partner_id": "p-1",
                "type": "agent",
                "level": "gold",
                "regions": [],
                "industries": [],
                "product_lines": [],
            },
        )
        await bed.settle()
        answer = await bed.http.get("/metrics")
        assert answer.status_code == 200
        return answer.text


async def test_every_metric_that_is_asked_for_exists(tmp_path: Path) -> None:
    families = text_string_to_metric_families(await shown(tmp_path))
    told = {
        f"{family.name}{end}" for family in families for end in KINDS[family.type.capitalize()]
    }
    known = told | registered()
    assert unknown(ASKED, known) == {}
    planted = {"a panel": "sum(rate(qudao_commands_total[5m])) + qudao_comands_total"}
    assert unknown(planted, known) == {"a panel": {"qudao_comands_total"}}


def test_every_recorded_series_that_is_asked_for_is_recorded() -> None:
    asked = {found for asks in ASKED.values() for found in RECORDED.findall(asks)}
    assert asked - {*RECORDS} == set()
    assert {*RECORDS} - asked == set(), "recorded, and nobody asks for it"


async def test_the_cases_of_the_alerts_have_the_labels_of_the_code(tmp_path: Path) -> None:
    families = [*text_string_to_metric_families(await shown(tmp_path))]
    labels = {sample.name: {*sample.labels} for one in families for sample in one.samples}
    for alarm in ALARMS:
        for series in (*alarm.firing, *alarm.silent):
            name, given = next(iter(SERIES.findall(series)))
            used = {*re.findall(r"(\w+)=", given)} - ADDED
            if name in labels:
                assert used == labels[name], f"{alarm.alert}: {series}"


@pytest.mark.parametrize("board", DASHBOARDS, ids=lambda board: board.name)
def test_a_dashboard_is_provisioned_and_asks_the_provisioned_source(board: Dashboard) -> None:
    folder = ROOT / "deploy/grafana"
    (source,) = yaml.safe_load((folder / "provisioning/datasources/prometheus.yml").read_text())[
        "datasources"
    ]
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text())["configMapGenerator"]
    name = f"dashboards/{board.name}.json"
    assert name in listed[0]["files"]
    assert f'"uid": "{source["uid"]}"' in (folder / name).read_text()
