"""Kubernetes manifests as they are read, and whether their shape is right."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import yaml
from jsonschema_rs import Draft202012Validator

from tests.deploy.fetch_schemas import SCHEMAS
from tests.deploy.pods import Manifest

VERSION = "1.37"  # of Kubernetes, whose schemas kubernetes-validate carries
CUSTOM = ("ScaledObject", "TriggerAuthentication", "PodMonitor", "PrometheusRule")


def read(text: str) -> list[Manifest]:
    return [one for one in yaml.safe_load_all(text) if one]


def misshapen(manifest: Manifest) -> Iterator[str]:
    """What the API server would refuse, and the fields that it would silently drop."""
    where = f"{manifest['kind']} {manifest['metadata']['name']}"
    if manifest["kind"] in CUSTOM:
        version = manifest["apiVersion"].rpartition("/")[2]
        for error in _custom(manifest["kind"], version).iter_errors(manifest):
            yield f"{where}: {error.message}"
        return
    try:
        kubernetes_validate.validate(manifest, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        yield f"{where}: {error}"


@cache
def _custom(kind: str, version: str) -> Draft202012Validator:
    versions = definitions()[kind]["spec"]["versions"]
    found = next(one["schema"]["openAPIV3Schema"] for one in versions if one["name"] == version)
    return Draft202012Validator(_closed(found))


@cache
def definitions() -> dict[str, Manifest]:
    """The vendored custom resources, by kind."""
    found = [yaml.safe_load(path.read_text()) for path in Path(SCHEMAS).glob("*.yaml")]
    return {one["spec"]["names"]["kind"]: one for one in found}


def _closed(schema: Any) -> Any:
    """Where fields are listed, no other one is meant: Kubernetes drops it without a word."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made = {name: _closed(one) for name, one in schema.items()}
    listed = isinstance(made.get("properties"), dict)
    if listed and not made.get("x-kubernetes-preserve-unknown-fields"):
        made.setdefault("additionalProperties", False)
    return made
