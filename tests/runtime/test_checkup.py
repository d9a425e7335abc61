"""`qudao doctor` says what would keep a process from starting, and touches nothing."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from subprocess import run

import pytest
from typer.testing import CliRunner, Result

from shared.runtime.cli.main import app
from shared.runtime.hosting import CONTEXTS, opened
from shared.runtime.settings import Settings
from tests.runtime.running import LIVENESS, QUDAO, environment


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUDAO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "400")
    return tmp_path / "data"


@pytest.fixture
async def used(data: Path) -> Path:
    """A folder that every context has been hosted on."""
    async with opened(Settings(data=data)):
        pass
    return data


def doctor() -> Result:
    return CliRunner().invoke(app, ["doctor"])


def wrong(result: Result) -> list[str]:
    """The lines of what would not start; what it does not find ends it with 0."""
    found = [line.strip() for line in result.stdout.splitlines() if "WRONG" in line]
    assert result.exit_code == (1 if found else 0), result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return found


@pytest.mark.parametrize("exists", [True, False])
def test_it_writes_nothing_into_an_empty_folder(data: Path, exists: bool) -> None:
    if exists:
        data.mkdir()
    assert wrong(doctor()) == []
    assert [*data.parent.rglob("*")] == ([data] if exists else [])


def test_it_finds_nothing_wrong_with_a_folder_that_is_used(used: Path) -> None:
    before = {path: path.read_bytes() for path in used.rglob("*") if path.suffix == ".db"}
    looked = doctor()
    assert wrong(looked) == []
    assert looked.stdout.count(": ok") == len(before) == 1 + 3 * len(CONTEXTS)
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.parametrize("kind", ["store", "views", "people", "bus"])
def test_it_finds_a_file_of_newer_code(used: Path, kind: str) -> None:
    path = used / ("bus.db" if kind == "bus" else f"orders.{kind}.db")
    with closing(sqlite3.connect(path, isolation_level=None)) as newer:
        newer.execute("UPDATE stamp SET schema = schema + 1")
    (line,) = wrong(doctor())
    assert path.name in line
    assert "version 2" in line or kind == "bus"


@pytest.mark.parametrize(
    "content", [b"no database at all " * 99, b"SQLite format 3\0" + b"?" * 5000]
)
def test_it_finds_a_broken_file(used: Path, content: bytes) -> None:
    for path in used.glob("leads.views.db*"):
        path.write_bytes(content)
    (line,) = wrong(doctor())
    assert "leads.views.db" in line


def test_it_finds_a_file_of_somebody_else(used: Path) -> None:
    with closing(sqlite3.connect(used / "orders.extra.db", isolation_level=None)) as other:
        other.execute("CREATE TABLE theirs (x)")
    (line,) = wrong(doctor())
    assert "carries no stamp" in line


def test_it_finds_a_bus_with_another_number_of_partitions(
    used: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUDAO_PARTITIONS", "12")
    (line,) = wrong(doctor())
    assert "bus.db" in line and "12" in line


def test_a_file_that_a_server_has_replaced_is_nobodys_business(used: Path) -> None:
    """A start would not open it either; what is wrong is that the server is not there."""
    for path in used.glob("leads.views.db*"):
        path.write_bytes(b"no database at all " * 99)
    looked = run(
        [QUDAO, "doctor"],
        env=environment(used, QUDAO_MONGO="mongodb://127.0.0.1:9"),
        capture_output=True,
        text=True,
        timeout=LIVENESS,
        check=False,
    )
    (line,) = [line for line in looked.stdout.splitlines() if "WRONG" in line]
    assert (looked.returncode, "MongoDB" in line) == (1, True)


@pytest.mark.parametrize("content", ["{broken", "{}", "[]", '{"kty": "OKP"}'])
def test_it_finds_a_key_that_is_none(used: Path, content: str) -> None:
    (used / "keys" / "issuer.json").write_text(content)
    (line,) = wrong(doctor())
    assert "issuer.json" in line
    started = CliRunner().invoke(app, ["api", "orders"])
    assert (started.exit_code, "issuer.json" in started.stderr) == (1, True)


def test_it_finds_a_providers_keys_that_are_not_there(
    used: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keys = tmp_path / "jwks.json"
    monkeypatch.setenv("QUDAO_OIDC_ISSUER", "https://id.example")
    monkeypatch.setenv("QUDAO_OIDC_JWKS", str(keys))
    (line,) = wrong(doctor())
    assert "jwks.json" in line
    ours = json.loads((used / "keys" / "issuer.json").read_text())
    keys.write_text(json.dumps({"keys": [{name: ours[name] for name in ("kty", "crv", "x")}]}))
    assert wrong(doctor()) == []
