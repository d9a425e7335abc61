"""The console's commands on a folder that is not as it should be: one clear line, no traceback."""

from pathlib import Path
from subprocess import PIPE, run
from sys import executable

import pytest
from typer.testing import CliRunner, Result

from shared.runtime.cli.main import app


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUDAO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def qudao(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def said(result: Result, text: str) -> None:
    """Refused with one line that holds this text."""
    assert isinstance(result.exception, SystemExit)
    assert result.exit_code == 1
    (line,) = result.stderr.strip().splitlines()
    assert text in line


def test_a_backup_needs_an_empty_place(tmp_path: Path) -> None:
    assert qudao("wait").exit_code == 0
    assert qudao("backup", str(tmp_path / "copy")).exit_code == 0
    said(qudao("backup", str(tmp_path / "copy")), "copy is not empty")
    said(qudao("backup", "/proc/nowhere"), "not backed up: ")


def test_a_restore_needs_a_backup_and_an_empty_folder(tmp_path: Path) -> None:
    said(qudao("restore", str(tmp_path / "nothing")), "holds no finished backup")
    assert qudao("wait").exit_code == 0
    assert qudao("backup", str(tmp_path / "copy")).exit_code == 0
    said(qudao("restore", str(tmp_path / "copy")), "data is not empty")


def test_a_programme_that_cannot_be_published_is_told_in_a_line(tmp_path: Path) -> None:
    said(qudao("rebates", "publish", str(tmp_path / "nowhere.json")), "not published: ")
    broken = tmp_path / "broken.json"
    broken.write_text("{", encoding="utf-8")
    said(qudao("rebates", "publish", str(broken)), "not published: ")
    broken.write_text('{"programme_id": "q"}', encoding="utf-8")
    said(qudao("rebates", "publish", str(broken)), "/body/version: Field required")


def test_a_broken_file_is_told_at_the_start_and_by_the_doctor(data: Path) -> None:
    assert qudao("wait").exit_code == 0
    for left in data.glob("orders.store.db*"):
        left.write_bytes(b"no database at all" * 100)
    said(qudao("wait"), "orders.store.db: file is not a database")
    code = "from shared.runtime.cli.main import main; main()"
    command = [executable, "-c", code, "up", "--port", "19490"]
    started = run(command, check=False, stderr=PIPE, text=True)
    (line,) = started.stderr.strip().splitlines()
    assert (started.returncode, "not started" in line) == (1, True)
    looked = qudao("doctor")
    assert looked.exit_code == 1
    assert "orders.store.db: file is not a database" in looked.stdout


def test_what_does_not_exist_is_said_so() -> None:
    said(qudao("streams", "show", "orders.order-none"), "stream-not-found")
    said(qudao("rebuild", "orders.nothing"), "view-not-found")
    said(qudao("wait", "--token", "junk"), "token-malformed")
    said(qudao("wait", "--token", "orders:99", "--timeout", "0.1"), "not-settled")
    said(qudao("dlq", "drop", "orders", "nothing"), "fact-not-parked")
