"""`qudao import`: what it prints, where refusals go, how it ends."""

import csv
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE, Popen, run
from sys import executable

import pytest
from typer.testing import CliRunner, Result

from shared.runtime.cli.main import app
from tests.importing.beds import MAPPING, SAMPLE, lines, spoiled

CHECK = lines("payments")[3]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("QUDAO_DATA", str(tmp_path / "data"))


def asked(folder: Path, *options: str, mapping: Path = MAPPING) -> Result:
    return CliRunner().invoke(app, ["import", str(folder), "--mapping", str(mapping), *options])


def test_refusals_are_told_in_a_file_and_by_the_exit_code(tmp_path: Path) -> None:
    bad = spoiled(tmp_path, payments={4: f"{CHECK[0]},{CHECK[1]},{CHECK[2]},=1+1"})
    first = asked(bad, "--json")
    assert first.exit_code == 1
    assert first.stderr == "1 refused, cell by cell in import-errors.csv; all else is in\n"
    told = json.loads(first.stdout)
    assert (told["read"], told["accepted"], told["refused"]["payments"]) == (89, 88, 1)
    assert told["by_kind"]["orders"] == {"read": 41, "accepted": 41, "repeated": 0, "refused": 0}
    assert told["facts_per_s"] > 0
    with (tmp_path / "import-errors.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[1:] == [["payments.csv", "4", "amount", "'=1+1", "number-malformed"]]

    second = asked(SAMPLE, "--errors", "none.csv")
    assert second.exit_code == 0
    assert "31 matched by amount, 535751.01 USD collected, 812.40 USD unallocated" in second.stdout
    assert re.search(r"payments\W+36\W+1\W+35\W+0", second.stdout)
    assert (tmp_path / "none.csv").read_text() == "file,row,column,value,slug\n"


def test_an_unusable_mapping_sends_nothing_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "m.json").write_text("{}")
    outcome = asked(SAMPLE, mapping=tmp_path / "m.json")
    assert outcome.exit_code == 2
    assert "m.json: source: Field required" in outcome.stderr
    unwritable = asked(SAMPLE, "--errors", str(tmp_path / "nowhere" / "errors.csv"))
    assert unwritable.exit_code == 2
    assert "No such file or directory" in unwritable.stderr
    assert asked(tmp_path).exit_code == 2
    assert not (tmp_path / "data").exists()


@contextmanager
def up(folder: Path) -> Iterator[str]:
    """`qudao up` on its own folder, as a process, by the address it prints."""
    environment = {**os.environ, "QUDAO_DATA": str(folder), "QUDAO_TEST": "1"}
    start = "from shared.runtime.cli.main import main; main()"
    options = ["up", "--clock", "2026-01-05T09:00:00+08:00", "--port", "18080"]
    command = [executable, "-c", start, *options]
    with Popen(command, env=environment, stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                if line.startswith("ready "):
                    yield line.removeprefix("ready ").strip()
                    break
        finally:
            process.terminate()


@pytest.mark.slow
def test_a_running_platform_is_told_the_same(tmp_path: Path) -> None:
    command = [executable, "-c", "from shared.runtime.cli.main import main; main()", "import"]
    command += [str(SAMPLE), "--mapping", str(MAPPING), "--json"]
    hosted = json.loads(asked(SAMPLE, "--json").stdout)
    with up(tmp_path / "other") as address:
        assert address.startswith("http://127.0.0.1:")
        environment = {**os.environ, "QUDAO_DATA": str(tmp_path / "other")}
        answer = run(command, env=environment, capture_output=True, text=True, check=True)
    running = json.loads(answer.stdout)
    for told in (hosted, running):
        del told["seconds"], told["facts_per_s"]
    assert running == hosted
