"""The manifests have the right shape and hold our policies; each policy sees what breaks it."""

import subprocess
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from shutil import which
from typing import Any

import pytest
import yaml

from tests.architecture.sources import ROOT, contexts
from tests.deploy import policies
from tests.deploy.files import files
from tests.deploy.kubernetes import PARTITIONS
from tests.deploy.manifests import misshapen, read
from tests.deploy.pods import Manifest
from tests.deploy.policies import of

K8S = ROOT / "deploy/k8s"
CONTEXTS = [one.name for one in contexts() if one.name != "gateway"]


@cache
def base() -> list[Manifest]:
    listed = yaml.safe_load((K8S / "base/kustomization.yaml").read_text())["resources"]
    texts = [(K8S / "base" / name).read_text() for name in listed if name.endswith(".yaml")]
    return [one for text in texts for one in read(text)]


@cache
def built(overlay: str) -> list[Manifest]:
    tool = which("kustomize")
    command = [tool, "build"] if tool else ["kubectl", "kustomize"]
    assert which(command[0]), "neither kustomize nor kubectl is here: install one of them"
    command.append(str(K8S / "overlays" / overlay))
    done = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    assert done.returncode == 0, done.stderr
    return read(done.stdout)


@pytest.mark.parametrize(("name", "text"), files().items(), ids=[*files()])
def test_a_generated_file_is_current(name: str, text: str) -> None:
    assert (ROOT / name).read_text() == text, "something changed: `make map`"


def test_every_file_of_the_base_is_used() -> None:
    listed = yaml.safe_load((K8S / "base/kustomization.yaml").read_text())["resources"]
    there = {path.name for path in (K8S / "base").glob("*.yaml")} - {"kustomization.yaml"}
    assert there == {name for name in listed if name.endswith(".yaml")}


def test_the_base_has_the_right_shape() -> None:
    assert [error for one in base() for error in misshapen(one)] == []


@pytest.mark.parametrize("rule", policies.ALL, ids=lambda rule: rule.__name__)
def test_the_base_holds(rule: policies.Rule) -> None:
    assert [*rule(base())] == []


@pytest.mark.slow
@pytest.mark.parametrize("overlay", ["dev", "prod"])
def test_an_overlay_has_the_right_shape(overlay: str) -> None:
    assert [error for one in built(overlay) for error in misshapen(one)] == []


@pytest.mark.slow
@pytest.mark.parametrize("overlay", ["dev", "prod"])
@pytest.mark.parametrize("rule", policies.ALL, ids=lambda rule: rule.__name__)
def test_an_overlay_holds(overlay: str, rule: policies.Rule) -> None:
    assert [*rule(built(overlay))] == []


@pytest.mark.slow
def test_dev_needs_no_operator_and_prod_asks_for_its_lag_with_a_user() -> None:
    custom = ("ScaledObject", "PodMonitor", "PrometheusRule")
    assert [*of(built("dev"), *custom)] == []
    scaled = [*of(built("prod"), "ScaledObject")]
    assert len(scaled) == len(CONTEXTS)
    for one in scaled:
        (trigger,) = one["spec"]["triggers"]
        assert trigger["authenticationRef"] == {"name": "qudao-kafka"}
        assert trigger["metadata"]["tls"] == "enable"


def test_every_context_answers_works_and_is_scaled_on_its_own_lag() -> None:
    found = {(one["kind"], one["metadata"]["name"]) for one in base()}
    for name in CONTEXTS:
        assert ("Deployment", f"{name}-api") in found
        assert ("StatefulSet", f"{name}-worker") in found
    scaled = {one["metadata"]["name"]: one["spec"] for one in of(base(), "ScaledObject")}
    asked = {name: spec["triggers"][0]["metadata"] for name, spec in scaled.items()}
    assert asked.keys() == {f"{name}-worker" for name in CONTEXTS}
    for name in CONTEXTS:
        assert asked[f"{name}-worker"]["consumerGroup"] == f"qudao.{name}"
        assert scaled[f"{name}-worker"]["maxReplicaCount"] == PARTITIONS


def test_the_gateway_finds_every_context() -> None:
    lines = (K8S / "base/settings.env").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    services = {one["metadata"]["name"] for one in of(base(), "Service")}
    pairs = dict(pair.split("=") for pair in settings["QUDAO_APIS"].split(","))
    assert pairs == {name: f"http://{name}-api:8080" for name in CONTEXTS}
    assert {f"{name}-api" for name in pairs} <= services
    assert settings["QUDAO_PARTITIONS"] == str(PARTITIONS)


def workload(found: list[Manifest], name: str = "orders-worker") -> Any:
    return next(one for one in of(found, *policies.SERVED) if one["metadata"]["name"] == name)


def pod(found: list[Manifest]) -> Any:
    return workload(found)["spec"]["template"]["spec"]


def container(found: list[Manifest]) -> Any:
    return pod(found)["containers"][0]


def without(found: list[Manifest], kind: str, name: str) -> None:
    found[:] = [one for one in found if (one["kind"], one["metadata"]["name"]) != (kind, name)]


def named(found: list[Manifest], kind: str, name: str) -> Any:
    return next(one for one in of(found, kind) if one["metadata"]["name"] == name)


Break = Callable[[list[Manifest]], object]
VIOLATIONS: dict[str, tuple[policies.Rule, Break]] = {
    "an image without a tag": (
        policies.images_are_pinned,
        lambda found: container(found).update(image="images.example.com:5000/qudao"),
    ),
    "the latest image": (
        policies.images_are_pinned,
        lambda found: container(found).update(image="qudao:latest"),
    ),
    "root": (
        policies.nobody_is_root,
        lambda found: pod(found)["securityContext"].update(runAsNonRoot=False),
    ),
    "no seccomp": (
        policies.nobody_is_root,
        lambda found: pod(found)["securityContext"].pop("seccompProfile"),
    ),
    "the host's network": (
        policies.nobody_is_root,
        lambda found: pod(found).update(hostNetwork=True),
    ),
    "the host's files": (
        policies.nobody_is_root,
        lambda found: pod(found)["volumes"].append({"name": "h", "hostPath": {"path": "/"}}),
    ),
    "a root that can be written": (
        policies.nobody_gains_rights,
        lambda found: container(found)["securityContext"].update(readOnlyRootFilesystem=False),
    ),
    "a capability": (
        policies.nobody_gains_rights,
        lambda found: container(found)["securityContext"]["capabilities"].update(add=["SYS_TIME"]),
    ),
    "privileges": (
        policies.nobody_gains_rights,
        lambda found: container(found)["securityContext"].pop("allowPrivilegeEscalation"),
    ),
    "a token": (
        policies.nobody_has_a_token,
        lambda found: pod(found).pop("automountServiceAccountToken"),
    ),
    "no limit of memory": (
        policies.everybody_has_limits,
        lambda found: container(found)["resources"]["limits"].pop("memory"),
    ),
    "no start-up probe": (
        policies.everybody_is_asked,
        lambda found: container(found).pop("startupProbe"),
    ),
    "liveness that asks of servers": (
        policies.everybody_is_asked,
        lambda found: container(found)["livenessProbe"]["httpGet"].update(path="/health/ready"),
    ),
    "no disruption budget": (
        policies.everybody_is_spared,
        lambda found: without(found, "PodDisruptionBudget", "orders-worker"),
    ),
    "all on one node": (
        policies.everybody_is_spared,
        lambda found: pod(found).pop("topologySpreadConstraints"),
    ),
    "no default": (
        policies.nobody_is_reached_unnamed,
        lambda found: without(found, "NetworkPolicy", "nobody"),
    ),
    "a door for everybody": (
        policies.nobody_is_reached_unnamed,
        lambda found: named(found, "NetworkPolicy", "to-servers")["spec"]["egress"][0].pop("to"),
    ),
    "scaled to none": (
        policies.scaling_has_bounds,
        lambda found: named(found, "ScaledObject", "orders-worker")["spec"].update(
            minReplicaCount=0
        ),
    ),
    "more workers than partitions": (
        policies.scaling_has_bounds,
        lambda found: named(found, "ScaledObject", "orders-worker")["spec"].update(
            maxReplicaCount=7
        ),
    ),
    "scaled what is not there": (
        policies.scaling_has_bounds,
        lambda found: without(found, "StatefulSet", "orders-worker"),
    ),
    "a service of nobody": (
        policies.services_lead_somewhere,
        lambda found: without(found, "Deployment", "orders-api"),
    ),
    "a secret": (
        policies.no_secret_is_written,
        lambda found: found.append({"kind": "Secret", "metadata": {"name": "s"}}),
    ),
    "a password in the environment": (
        policies.no_secret_is_written,
        lambda found: container(found)["env"].append(
            {"name": "QUDAO_KAFKA_PASSWORD", "value": "x"}
        ),
    ),
    "a password in an address": (
        policies.no_secret_is_written,
        lambda found: container(found)["env"].append(
            {"name": "QUDAO_MONGO", "value": "mongodb://me:mine@mongo"}
        ),
    ),
}


@pytest.mark.parametrize(("rule", "damage"), VIOLATIONS.values(), ids=VIOLATIONS)
def test_a_violation_is_seen(rule: policies.Rule, damage: Break) -> None:
    found = deepcopy(base())
    damage(found)
    assert [*rule(found)] != []


def test_every_policy_has_its_violation() -> None:
    assert {rule for rule, _ in VIOLATIONS.values()} == {*policies.ALL}


MISSHAPEN: dict[str, Break] = {
    "a field of Kubernetes that is misspelt": lambda found: pod(found).update(hostnetwork=True),
    "a field of KEDA that is misspelt": lambda found: named(
        found, "ScaledObject", "orders-worker"
    )["spec"].update(maxReplicas=6),
    "a port that is no number": lambda found: named(found, "Service", "gateway")["spec"]["ports"][
        0
    ].update(port="http"),
    "a monitor without a selector": lambda found: named(found, "PodMonitor", "qudao")["spec"].pop(
        "selector"
    ),
}


@pytest.mark.parametrize("damage", MISSHAPEN.values(), ids=MISSHAPEN)
def test_what_is_misshapen_is_seen(damage: Break) -> None:
    found = deepcopy(base())
    damage(found)
    assert [error for one in found for error in misshapen(one)] != []
