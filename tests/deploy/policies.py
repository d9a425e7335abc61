"""What every workload of ours must hold, whoever wrote it: each rule names what breaks it."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from tests.deploy.pods import NAME, Manifest

Manifests = Sequence[Manifest]
Rule = Callable[[Manifests], Iterator[str]]

SERVED = ("Deployment", "StatefulSet")
SECRET = re.compile(r"password|secret(?!s$)|token|_key$", re.IGNORECASE)


def of(manifests: Manifests, *kinds: str) -> Iterator[Manifest]:
    return (one for one in manifests if one["kind"] in kinds)


def pods(manifests: Manifests) -> Iterator[tuple[str, Manifest]]:
    """Every pod template, by where it stands."""
    for one in of(manifests, *SERVED, "Job", "CronJob"):
        spec = one["spec"]
        template = spec["jobTemplate"]["spec"] if one["kind"] == "CronJob" else spec
        yield f"{one['kind']} {one['metadata']['name']}", template["template"]


def containers(manifests: Manifests) -> Iterator[tuple[str, Manifest]]:
    for where, pod in pods(manifests):
        for one in [*pod["spec"].get("initContainers", []), *pod["spec"]["containers"]]:
            yield where, one


def ours(container: Manifest) -> bool:
    return "qudao" in container["image"].partition(":")[0]


def images_are_pinned(manifests: Manifests) -> Iterator[str]:
    for where, one in containers(manifests):
        tag = one["image"].rpartition("/")[2].partition(":")[2]
        if not tag or tag == "latest":
            yield f"{where}: {one['image']} has no fixed tag"


def nobody_is_root(manifests: Manifests) -> Iterator[str]:
    for where, pod in pods(manifests):
        may = pod["spec"].get("securityContext", {})
        if not (may.get("runAsNonRoot") and may.get("runAsUser", 0) > 0):
            yield f"{where}: may run as root"
        if may.get("seccompProfile") != {"type": "RuntimeDefault"}:
            yield f"{where}: has no seccomp profile"
        if pod["spec"].keys() & {"hostNetwork", "hostPID", "hostIPC"}:
            yield f"{where}: shares a name space with its host"
        if any("hostPath" in one for one in pod["spec"].get("volumes", [])):
            yield f"{where}: sees files of its host"


def nobody_gains_rights(manifests: Manifests) -> Iterator[str]:
    for where, one in containers(manifests):
        may = one.get("securityContext", {})
        if may.get("allowPrivilegeEscalation") is not False or may.get("privileged"):
            yield f"{where}: may gain privileges"
        if may.get("capabilities") != {"drop": ["ALL"]}:
            yield f"{where}: keeps capabilities"
        if ours(one) and not may.get("readOnlyRootFilesystem"):
            yield f"{where}: may write its image"


def nobody_has_a_token(manifests: Manifests) -> Iterator[str]:
    for where, pod in pods(manifests):
        if pod["spec"].get("automountServiceAccountToken") is not False:
            yield f"{where}: holds a token of Kubernetes"


def everybody_has_limits(manifests: Manifests) -> Iterator[str]:
    for where, one in containers(manifests):
        resources = one.get("resources", {})
        for side in ("requests", "limits"):
            if not {"cpu", "memory"} <= resources.get(side, {}).keys():
                yield f"{where}: says no {side}"


def everybody_is_asked(manifests: Manifests) -> Iterator[str]:
    """Liveness asks of the process only: a restart brings no server back."""
    wanted = {"startupProbe": "live", "livenessProbe": "live", "readinessProbe": "ready"}
    for where, one in containers([*of(manifests, *SERVED)]):
        for probe, path in wanted.items():
            if probe not in one:
                yield f"{where}: has no {probe}"
            elif ours(one) and one[probe]["httpGet"]["path"] != f"/health/{path}":
                yield f"{where}: its {probe} asks the wrong thing"


def everybody_is_spared(manifests: Manifests) -> Iterator[str]:
    """A disruption budget for each of our workloads, and its pods spread out."""
    budgets = [
        one["spec"]["selector"]["matchLabels"] for one in of(manifests, "PodDisruptionBudget")
    ]
    for where, pod in pods([*of(manifests, *SERVED)]):
        if not any(map(ours, pod["spec"]["containers"])):
            continue
        labels = pod["metadata"]["labels"]
        if not any(chosen.items() <= labels.items() for chosen in budgets):
            yield f"{where}: has no disruption budget"
        if not pod["spec"].get("topologySpreadConstraints"):
            yield f"{where}: may stand on one node"


def nobody_is_reached_unnamed(manifests: Manifests) -> Iterator[str]:
    """Deny is the default, and nothing that is allowed is open to everybody."""
    policies = [*of(manifests, "NetworkPolicy")]
    closed = {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    if closed not in [one["spec"] for one in policies]:
        yield "no NetworkPolicy denies everything else"
    for one in policies:
        for rule in [*one["spec"].get("ingress", []), *one["spec"].get("egress", [])]:
            if not (rule.get("from") or rule.get("to")):
                yield f"NetworkPolicy {one['metadata']['name']}: is open to everybody"


def scaling_has_bounds(manifests: Manifests, partitions: int = 6) -> Iterator[str]:
    """Never to none; a worker more than partitions would have nothing to do."""
    named = {one["metadata"]["name"] for one in of(manifests, "StatefulSet")}
    for one in of(manifests, "ScaledObject"):
        spec, where = one["spec"], f"ScaledObject {one['metadata']['name']}"
        if not 1 <= spec["minReplicaCount"] <= spec["maxReplicaCount"] == partitions:
            yield f"{where}: from {spec['minReplicaCount']} to {spec['maxReplicaCount']}"
        if spec["scaleTargetRef"]["name"] not in named:
            yield f"{where}: scales nothing"


def services_lead_somewhere(manifests: Manifests) -> Iterator[str]:
    labels = [pod["metadata"]["labels"] for _, pod in pods(manifests) if "metadata" in pod]
    for one in of(manifests, "Service", "PodDisruptionBudget"):
        chosen = one["spec"]["selector"]
        chosen = chosen.get("matchLabels", chosen)
        if not any(chosen.items() <= have.items() for have in labels):
            yield f"{one['kind']} {one['metadata']['name']}: chooses nobody by its {NAME}"


def no_secret_is_written(manifests: Manifests) -> Iterator[str]:
    for one in of(manifests, "Secret"):
        yield f"Secret {one['metadata']['name']}: is written down"
    for one in of(manifests, "ConfigMap"):
        yield from _told(f"ConfigMap {one['metadata']['name']}", one.get("data", {}).items())
    for where, one in containers(manifests):
        given = [(env["name"], env.get("value", "")) for env in one.get("env", [])]
        yield from _told(where, given)


def _told(where: str, given: Iterable[tuple[str, str]]) -> Iterator[str]:
    for name, value in given:
        if SECRET.search(name) and value and not value.startswith("/"):
            yield f"{where}: tells {name}"
        if re.search(r"://[^/@\s]+:[^/@\s]+@", value):
            yield f"{where}: {name} holds a password"


ALL: tuple[Rule, ...] = (
    images_are_pinned,
    nobody_is_root,
    nobody_gains_rights,
    nobody_has_a_token,
    everybody_has_limits,
    everybody_is_asked,
    everybody_is_spared,
    nobody_is_reached_unnamed,
    scaling_has_bounds,
    services_lead_somewhere,
    no_secret_is_written,
)
