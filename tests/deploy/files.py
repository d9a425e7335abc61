"""Every file under deploy/ that is made: `make map` writes them, a test keeps them current."""

import json

from tests.architecture.sources import ROOT
from tests.deploy import kubernetes
from tests.deploy.dashboards import DASHBOARDS


def files() -> dict[str, str]:
    """By path in the project."""
    shown = {
        f"deploy/grafana/dashboards/{one.name}.json": json.dumps(one.json(), indent=2) + "\n"
        for one in DASHBOARDS
    }
    return kubernetes.files() | shown


if __name__ == "__main__":
    for name, text in files().items():
        (ROOT / name).write_text(text)
