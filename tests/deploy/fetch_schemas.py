"""Brings the vendored schemas anew from their Go modules: `python -m tests.deploy.fetch_schemas`.

Needs Go and its module proxy. To take newer versions, change them here first.
"""

import json
import subprocess
from pathlib import Path
from shutil import copyfile

SCHEMAS = Path(__file__).with_name("schemas")
MODULES = {
    "github.com/compose-spec/compose-go/v2@v2.16.2": ("schema/compose-spec.json",),
    "github.com/kedacore/keda/v2@v2.21.0": (
        "config/crd/bases/keda.sh_scaledobjects.yaml",
        "config/crd/bases/keda.sh_triggerauthentications.yaml",
    ),
    "github.com/prometheus-operator/prometheus-operator@v0.85.0": (
        "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
        "example/prometheus-operator-crd/monitoring.coreos.com_prometheusrules.yaml",
    ),
}
README = """\
# Schemas of others

Unchanged copies, so that the manifests are checked without a network. Each module is under the
Apache License 2.0. `python -m tests.deploy.fetch_schemas` brings them anew, and writes this list.

| file | module | path there |
|---|---|---|
"""


def readme() -> str:
    rows = [
        f"| `{Path(path).name}` | `{module}` | `{path}` |\n"
        for module, paths in MODULES.items()
        for path in paths
    ]
    return README + "".join(rows)


def fetch() -> None:
    for module, paths in MODULES.items():
        command = ["go", "mod", "download", "-json", module]
        told = subprocess.run(command, cwd=SCHEMAS, capture_output=True, check=True).stdout
        for path in paths:
            target = SCHEMAS / Path(path).name
            copyfile(Path(json.loads(told)["Dir"]) / path, target)
            target.chmod(0o644)
    (SCHEMAS / "README.md").write_text(readme())


if __name__ == "__main__":
    fetch()
