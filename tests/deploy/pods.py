"""A pod of ours: what it may do, what it may write, how it is asked whether it works."""

import tomllib
from typing import Any

from tests.architecture.sources import ROOT

Manifest = dict[str, Any]

VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
USER = 10001  # of the image
PORT = 8080
NAME = "app.kubernetes.io/name"
SMALL = {"requests": {"cpu": "50m", "memory": "160Mi"}, "limits": {"cpu": "1", "memory": "512Mi"}}
LARGE = {"requests": {"cpu": "100m", "memory": "256Mi"}, "limits": {"cpu": "1", "memory": "1Gi"}}


def served(labels: Manifest, args: list[str], resources: Manifest) -> Manifest:
    container = {
        **_container(args, resources),
        "ports": [{"name": "http", "containerPort": PORT}],
        "startupProbe": _probe("/health/live", every=2, failures=150),
        "livenessProbe": _probe("/health/live", every=10, failures=6),
        "readinessProbe": _probe("/health/ready", every=5, failures=2),
        "lifecycle": {"preStop": {"sleep": {"seconds": 5}}},
    }
    spread = [
        {
            "maxSkew": 1,
            "topologyKey": key,
            "whenUnsatisfiable": "ScheduleAnyway",
            "labelSelector": {"matchLabels": chosen(labels)},
        }
        for key in ("kubernetes.io/hostname", "topology.kubernetes.io/zone")
    ]
    return _pod(labels, container, {"topologySpreadConstraints": spread})


def once(labels: Manifest, *args: str) -> Manifest:
    return _pod(labels, _container([*args], SMALL), {"restartPolicy": "Never"})


def _pod(labels: Manifest, container: Manifest, more: Manifest) -> Manifest:
    spec = {
        "serviceAccountName": "qudao",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": 45,
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "fsGroupChangePolicy": "OnRootMismatch",
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        **more,
        "containers": [container],
        "volumes": [
            {"name": "data", "emptyDir": {"sizeLimit": "256Mi"}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "128Mi"}},
            {"name": "keys", "secret": {"secretName": "qudao-issuer", "defaultMode": 0o440}},
            {"name": "secrets", "secret": {"secretName": "qudao-secrets", "defaultMode": 0o440}},
            {"name": "trust", "configMap": {"name": "qudao-trust", "optional": True}},
        ],
    }
    return {"metadata": {"labels": labels}, "spec": spec}


def _container(args: list[str], resources: Manifest) -> Manifest:
    return {
        "name": "qudao",
        "image": f"qudao:{VERSION}",
        "args": args,
        "envFrom": [{"configMapRef": {"name": "qudao-settings"}}],
        "env": [
            {"name": "QUDAO_INSTANCE", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}
        ],
        "resources": resources,
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "volumeMounts": [
            {"name": "data", "mountPath": "/data"},
            {"name": "tmp", "mountPath": "/tmp"},
            {"name": "keys", "mountPath": "/data/keys", "readOnly": True},
            {"name": "secrets", "mountPath": "/run/secrets/qudao", "readOnly": True},
            {"name": "trust", "mountPath": "/etc/qudao/trust", "readOnly": True},
        ],
    }


def _probe(path: str, *, every: int, failures: int) -> Manifest:
    asks = {"path": path, "port": "http"}
    return {
        "httpGet": asks,
        "periodSeconds": every,
        "timeoutSeconds": 5,
        "failureThreshold": failures,
    }


def chosen(labels: Manifest) -> Manifest:
    return {NAME: labels[NAME]}
