"""`qudao sweep` on a folder: a table or JSON, and an exit code that a cron job can use."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import apsw
import pytest
import typer
from typer.testing import CliRunner, Result

from shared.runtime.cli import sweep
from shared.testing.platform import platform

app = typer.Typer()
app.command()(sweep.command)


@pytest.fixture
async def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two partners and their limits, published."""
    async with platform(tmp_path, contexts=("partners", "gateway")) as bed:
        for name in ("acme", "initech"):
            body = {"partner_id": name, "type": "agent", "level": "金牌", "regions": ["华东"]}
            body |= {"industries": ["水务"], "product_lines": ["A"]}
            await bed.post("/v1/partners", body)
        await bed.settle()
    monkeypatch.setenv("QUDAO_DATA", str(tmp_path))
    return tmp_path


def qudao(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def told(*words: str) -> tuple[int, dict[str, Any]]:
    result = qudao(*words, "--json")
    found: dict[str, Any] = json.loads(result.stdout)
    return result.exit_code, found


def lose(folder: Path) -> None:
    with closing(apsw.Connection(str(folder / "bus.db"))) as db:
        db.execute("DELETE FROM records WHERE position = 1")


def test_topics_that_hold_everything_end_with_0(folder: Path) -> None:
    code, found = told("partners")
    assert (code, found["partners"]["equal"]) == (0, True)
    counts = found["partners"]["topics"]["PartnerEnrolled"]
    assert (counts["facts"], counts["records"], counts["missing"]) == (2, 2, 0)
    assert "equal" in qudao("partners").stdout.splitlines()


def test_lost_records_end_with_1_until_they_are_sent_again(folder: Path) -> None:
    lose(folder)
    code, found = told("partners")
    assert (code, found["partners"]["equal"]) == (1, False)
    missing = found["partners"]["topics"]["PartnerEnrolled"]["missing"]
    assert missing == len(found["partners"]["shown"]) > 0
    assert "not equal" in qudao("partners").stdout.splitlines()
    repaired = qudao("partners", "--repair")
    assert repaired.exit_code == 0
    assert f"partners: {missing} sent again" in repaired.stdout.splitlines()
    assert told("partners")[0] == 0


def test_without_names_every_context_is_swept(folder: Path) -> None:
    code, found = told()
    assert (code, {*found} >= {"partners", "orders", "notifications"}) == (0, True)


def test_a_context_that_is_none_is_refused(folder: Path) -> None:
    assert qudao("nobody").exit_code == 2
