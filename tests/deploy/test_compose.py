"""docker-compose.yml, .env.example and Dockerfile: whole, pinned, watched, without secrets."""

import json
import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from typing import Any

import pytest
import yaml
from jsonschema_rs import Draft202012Validator

from shared.runtime.settings import Settings
from tests.architecture.sources import ROOT, contexts
from tests.deploy.fetch_schemas import SCHEMAS
from tests.deploy.pods import PORT, USER, VERSION

Services = dict[str, dict[str, Any]]

TEXT = (ROOT / "docker-compose.yml").read_text()
DOCKERFILE = (ROOT / "Dockerfile").read_text()
CONTEXTS = [one.name for one in contexts() if one.name != "gateway"]
ONCE = ("keys", "topics")
SERVERS = ("kafka", "kurrent", "mongo", "prometheus", "grafana")
PROCESSES = [f"{name}-{role}" for name in CONTEXTS for role in ("api", "worker")]
PROCESSES += ["stream-forecast", "gateway"]


def services() -> Services:
    found: Services = yaml.safe_load(TEXT)["services"]
    return found


def misshapen(compose: object) -> list[str]:
    schema = json.loads((SCHEMAS / "compose-spec.json").read_text())
    return [error.message for error in Draft202012Validator(schema).iter_errors(compose)]


def test_it_has_the_shape_of_the_compose_specification() -> None:
    assert misshapen(yaml.safe_load(TEXT)) == []


def test_a_misspelt_field_is_seen() -> None:
    planted = yaml.safe_load(TEXT)
    planted["services"]["mongo"]["healtcheck"] = planted["services"]["mongo"].pop("healthcheck")
    assert misshapen(planted) != []


def test_everything_that_the_platform_is_made_of_is_there() -> None:
    assert {*services()} == {*PROCESSES, *SERVERS, *ONCE}


def test_each_service_runs_the_command_of_its_name() -> None:
    told = services()
    for name in CONTEXTS:
        assert told[f"{name}-api"]["command"] == ["api", name]
        assert told[f"{name}-worker"]["command"] == ["worker", name]
    assert told["stream-forecast"]["command"] == ["stream", "forecast"]
    assert told["gateway"]["command"] == ["gateway"]
    assert told["topics"]["command"] == ["topics", "apply"]


def wrong(told: Services) -> Iterator[str]:
    for name, one in told.items():
        tag = one["image"].partition(":")[2]
        if not re.search(r"\d", tag):
            yield f"{name}: {one['image']} has no fixed tag"
        if name not in ONCE and not {"healthcheck", "restart"} <= one.keys():
            yield f"{name}: nobody looks after it"
        if "no-new-privileges:true" not in one.get("security_opt", []):
            yield f"{name}: may gain privileges"
        if any(not str(port).startswith("${QUDAO_BIND") for port in one.get("ports", [])):
            yield f"{name}: is shown to everybody"
        if one["image"].startswith("qudao:") and not (
            one.get("read_only") and one.get("cap_drop") == ["ALL"]
        ):
            yield f"{name}: may write its image"
        yield from _volumes(name, one)


def _volumes(name: str, one: dict[str, Any]) -> Iterator[str]:
    kept = yaml.safe_load(TEXT)["volumes"]
    for volume in one.get("volumes", []):
        source = volume.partition(":")[0]
        if not source.startswith("./deploy/") and source not in kept:
            yield f"{name}: {source} is no named volume"


def test_everything_is_pinned_watched_and_shut() -> None:
    assert [*wrong(services())] == []


Break = Callable[[Services], object]
VIOLATIONS: dict[str, Break] = {
    "latest": lambda told: told["kafka"].update(image="apache/kafka:latest"),
    "no tag": lambda told: told["mongo"].update(image="mongo"),
    "no health check": lambda told: told["orders-api"].pop("healthcheck"),
    "no restart": lambda told: told["kurrent"].pop("restart"),
    "a port for everybody": lambda told: told["grafana"].update(ports=["3000:3000"]),
    "a root that can be written": lambda told: told["gateway"].pop("read_only"),
    "a volume without a name": lambda told: told["mongo"].update(volumes=["/data/db"]),
    "privileges": lambda told: told["gateway"].pop("security_opt"),
}


@pytest.mark.parametrize("damage", VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_violation_is_seen(damage: Break) -> None:
    told = deepcopy(services())
    damage(told)
    assert [*wrong(told)] != []


def test_a_process_starts_once_its_topics_its_key_and_its_servers_are_there() -> None:
    for name in PROCESSES:
        needs = {need: how["condition"] for need, how in services()[name]["depends_on"].items()}
        assert needs["topics"] == needs["keys"] == "service_completed_successfully"
        assert needs["kurrent"] == needs["mongo"] == "service_healthy"
    assert services()["topics"]["depends_on"] == {"kafka": {"condition": "service_healthy"}}


def test_the_settings_of_a_process_exist() -> None:
    known = {f"QUDAO_{name}".upper() for name in Settings.model_fields} | {"QUDAO_SECRETS"}
    texts = [DOCKERFILE, *(path.read_text() for path in (ROOT / "deploy/k8s").rglob("*.env"))]
    given = {
        name for text in texts for name in re.findall(r"^\s*(QUDAO_\w+)=", text, re.MULTILINE)
    }
    for one in services().values():
        given |= {name for name in one.get("environment", {}) if name.startswith("QUDAO_")}
    assert given - known == set()


def test_the_gateway_finds_every_context() -> None:
    told = services()["gateway"]
    pairs = dict(pair.strip().split("=") for pair in told["environment"]["QUDAO_APIS"].split(","))
    assert pairs == {name: f"http://{name}-api:{PORT}" for name in CONTEXTS}
    assert {f"{name}-api" for name in CONTEXTS} <= told["depends_on"].keys()


def test_prometheus_asks_every_process() -> None:
    jobs = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    (asked,) = jobs["scrape_configs"][0]["dns_sd_configs"]
    assert sorted(asked["names"]) == sorted(PROCESSES)
    assert asked["port"] == PORT


def test_the_example_names_every_variable_with_its_default() -> None:
    lines = (ROOT / ".env.example").read_text().splitlines()
    example = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    used = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", TEXT))
    assert example == used
    assert example["QUDAO_VERSION"] == VERSION


def test_no_variable_is_without_a_default() -> None:
    assert re.findall(r"\$\{\w+[^:\w]", TEXT) == []
    assert re.findall(r"(?<!\$)\$\w", TEXT) == []


def test_no_secret_is_in_the_files() -> None:
    text = TEXT + (ROOT / ".env.example").read_text() + DOCKERFILE
    assert re.findall(r"(?i)\w*(?:password|_secret|_token)\w*[:=]\s*\S+", text) == []


def test_the_image_is_of_its_own_user_and_names_no_address() -> None:
    assert re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE) == ["${BASE}", "${BASE}"]
    assert re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE) == [f"{USER}:{USER}"]
    assert 'ENTRYPOINT ["qudao"]' in DOCKERFILE
    assert f"ARG VERSION={VERSION}" in DOCKERFILE
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    assert "://" not in DOCKERFILE
    (base,) = re.findall(r"^ARG BASE=(\S+)$", DOCKERFILE, re.MULTILINE)
    assert f"${{QUDAO_BASE:-{base}}}" in TEXT


def test_the_image_is_made_of_named_files_only() -> None:
    lines = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line]
    wanted = [line[1:] for line in lines if line.startswith("!")]
    assert lines[1] == "*"
    assert all((ROOT / name).exists() for name in wanted)
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE)
    assert {name for line in copied for name in line.split()} == {*wanted}
