"""The same code, the same results: on the files of a folder, and on three servers."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.process import Qudao, started
from tests.e2e.servers import servers

pytestmark = [pytest.mark.slow, pytest.mark.servers, pytest.mark.timeout(1_800)]
ROOT = Path(__file__).parents[2]
DATA = Path(
    os.environ.get("QUDAO_CLASSICMODELS") or ROOT.parent / "shared" / "data" / "classicmodels"
)
PROGRAMMES = {"a-line-quarter": 2, "cm-whole": 616, "cm-marginal": 616}
EXPLAINED = ("a-line-quarter", "cm-whole")
STANDING = {
    "matched_exact": 250,
    "collected": {"amount": "8853839.23", "currency": "USD"},
    "unallocated": {"amount": "0.00", "currency": "USD"},
}


def test_the_story_and_the_import_come_to_the_same_on_files_and_on_servers(
    tmp_path: Path,
) -> None:
    embedded = told(tmp_path / "files", {})
    with servers(tmp_path / "servers") as running:
        sys.stdout.write(f"against {running.against}\n")
        distributed = told(tmp_path / "on-servers", running.settings)
    assert {name: len(found) for name, found in embedded["accounts"].items()} == PROGRAMMES
    assert embedded["imported"] == STANDING
    assert canonical(distributed) == canonical(embedded)


def told(folder: Path, settings: Mapping[str, str]) -> dict[str, Any]:
    """The story on the hand-turned clock, then the real data; each phase waits for the last."""
    with started(folder, "--demo", "--brief", **settings) as qudao:
        mapping = str(ROOT / "examples" / "classicmodels" / "mapping.json")
        imported = json.loads(
            qudao.run("import", str(DATA), "--mapping", mapping, "--json", "--errors", os.devnull)
        )
        qudao.run("wait", "--timeout", "120")
        accounts = {programme: accounts_of(qudao, programme) for programme in PROGRAMMES}
        explained = {
            programme: [explanation_of(qudao, programme, one) for one in accounts[programme]]
            for programme in EXPLAINED
        }
        return {
            "imported": imported["payments"],
            "facts": imported["facts"],
            "accounts": accounts,
            "explained": explained,
        }


def accounts_of(qudao: Qudao, programme: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(
        qudao.run("rebates", "accounts", "--programme", programme, "--json")
    )
    return found


def explanation_of(qudao: Qudao, programme: str, account: Mapping[str, Any]) -> dict[str, Any]:
    asked = {"programme": programme, "partner": account["partner_id"]}
    return qudao.get(
        "/v1/rebates/accounts/explanation",
        params={**asked, "period": account["period"], "partition": account["partition"]},
    )


def canonical(value: object) -> str:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, indent=1)
