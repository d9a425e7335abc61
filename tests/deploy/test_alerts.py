"""Each alert fires when it should, is silent when it should be, and says what to do."""

import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from shutil import which
from typing import Any

import pytest
import yaml

from tests.architecture.sources import ROOT
from tests.deploy.alarms import ALARMS

FOLDER = ROOT / "deploy/prometheus"
RULES = ("rules.yml", "alerts.yml")


def rules(name: str) -> list[dict[str, Any]]:
    groups = yaml.safe_load((FOLDER / name).read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


ALERTS: dict[str, dict[str, Any]] = {rule["alert"]: rule for rule in rules("alerts.yml")}


def promtool(*args: object) -> subprocess.CompletedProcess[str]:
    assert which("promtool"), "promtool is missing: install Debian's package prometheus"
    command = ["promtool", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)


def judged(folder: Path, sources: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """All cases against these rule files, by name."""
    for name, text in sources.items():
        (folder / name).write_text(text)
    cases = [case for alarm in ALARMS for case in alarm.cases(ALERTS[alarm.alert])]
    written = {"rule_files": [*sources], "evaluation_interval": "1m", "tests": cases}
    (folder / "cases.yml").write_text(yaml.safe_dump(written))
    return promtool("test", "rules", folder / "cases.yml")


def sources() -> dict[str, str]:
    return {name: (FOLDER / name).read_text() for name in RULES}


@pytest.mark.slow
def test_the_configuration_and_the_rules_are_well_formed() -> None:
    done = promtool("check", "config", FOLDER / "prometheus.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_its_cases() -> None:
    assert [alarm.alert for alarm in ALARMS] == [*ALERTS]


@pytest.mark.slow
def test_every_alert_fires_and_is_silent_when_it_should_be(tmp_path: Path) -> None:
    done = judged(tmp_path, sources())
    assert done.returncode == 0, done.stdout + done.stderr


MISTAKES = {
    "a limit is moved": ("behind_seconds:max > 900", "behind_seconds:max > 899"),
    "a refusal counts as a failure": ('outcome=~"failed|stale"', 'outcome!="done"'),
    "a minus is overlooked": ("abs(qudao_unexplained_cents)", "qudao_unexplained_cents"),
    "nobody is patient": ("for: 6h", "for: 1h"),
    "one process is enough": ("sum by (context) (qudao_leads", "max by (context) (qudao_leads"),
    "an API leads": ('qudao_leads{role!="api"}', "qudao_leads"),
    "an API holds": ('qudao_held_logs{role!="api"}', "qudao_held_logs"),
    "a recording rule is lost": ("record: service:up:sum", "record: service:up:count"),
}


@pytest.mark.slow
@pytest.mark.parametrize(("right", "wrong"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_in_the_rules_is_found(tmp_path: Path, right: str, wrong: str) -> None:
    planted = {name: text.replace(right, wrong) for name, text in sources().items()}
    assert planted != sources()
    assert judged(tmp_path, planted).returncode != 0


def headings(path: str) -> set[str]:
    """As anchors, the way they are linked."""
    found = re.findall(r"^#+ (.+)$", (ROOT / path).read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", one).strip().lower().replace(" ", "-") for one in found}


@pytest.mark.parametrize("alert", ALERTS)
def test_every_alert_leads_to_its_runbook(alert: str) -> None:
    path, _, anchor = ALERTS[alert]["annotations"]["runbook"].partition("#")
    assert anchor == alert.lower()
    assert anchor in headings(path)


def test_a_runbook_is_of_an_alert() -> None:
    text = (ROOT / "docs/runbooks/alerts.md").read_text()
    assert re.findall(r"^### (\w+)$", text, re.MULTILINE) == [*ALERTS]


def test_every_alert_says_what_is_wrong_and_how_much_it_hurts() -> None:
    for alert in ALERTS.values():
        assert alert["annotations"]["summary"].endswith(".")
        assert alert["labels"]["severity"] in ("critical", "warning")
