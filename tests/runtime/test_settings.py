"""Settings come from the environment and from files; secrets are shown to nobody."""

from pathlib import Path
from subprocess import run
from sys import executable

import pytest
from pydantic import ValidationError
from typer.testing import CliRunner

from shared.kernel.errors import Incompatible
from shared.runtime.cli.main import app
from shared.runtime.settings import Settings
from tests.runtime.running import environment

SECRETS = ("kafka_password", "kurrent_password", "mongo_password", "blobs_secret", "token")
HIDDEN = "s3cr3t-%s"


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("QUDAO_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


def in_files(folder: Path) -> Path:
    """As an orchestrator mounts them."""
    folder.mkdir()
    for name in SECRETS:
        (folder / f"qudao_{name}").write_text(f"{HIDDEN % name}\n")
    return folder


def test_secrets_come_from_a_folder_of_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUDAO_SECRETS", str(in_files(tmp_path / "secrets")))
    found = Settings()
    assert [found.secret(name) for name in SECRETS] == [HIDDEN % name for name in SECRETS]


def test_the_environment_wins_over_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QUDAO_SECRETS", str(in_files(tmp_path / "secrets")))
    monkeypatch.setenv("QUDAO_KAFKA_PASSWORD", "another")
    assert Settings().secret("kafka_password") == "another"


def test_any_setting_may_lie_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = in_files(tmp_path / "secrets")
    (folder / "qudao_kafka").write_text("broker:9093")
    monkeypatch.setenv("QUDAO_SECRETS", str(folder))
    assert Settings().kafka == "broker:9093"


def test_a_folder_of_secrets_that_is_not_there_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("QUDAO_SECRETS", str(tmp_path / "nowhere"))
    with pytest.raises(Incompatible, match=r"QUDAO_SECRETS: .*nowhere"):
        Settings()


def everything_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in SECRETS:
        monkeypatch.setenv(f"QUDAO_{name.upper()}", HIDDEN % name)
    monkeypatch.setenv("QUDAO_MONGO", f"mongodb://root:{HIDDEN % 'in-uri'}@127.0.0.1:9/?a=b")
    monkeypatch.setenv("QUDAO_KURRENT", f"kurrentdb://root:{HIDDEN % 'in-uri'}@127.0.0.1:9")


def test_no_secret_is_in_what_settings_print(monkeypatch: pytest.MonkeyPatch) -> None:
    everything_hidden(monkeypatch)
    found = Settings()
    for told in (repr(found), str(found), repr(found.model_dump()["kafka_password"])):
        assert "s3cr3t" not in told


def test_no_secret_is_in_what_the_doctor_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    everything_hidden(monkeypatch)
    monkeypatch.setenv("COLUMNS", "400")
    shown = CliRunner().invoke(app, ["doctor", "--settings"])
    assert shown.exit_code == 0
    assert "127.0.0.1:9" in shown.output
    assert "s3cr3t" not in shown.output


def test_no_secret_is_in_what_is_said_of_wrong_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not even in a traceback."""
    everything_hidden(monkeypatch)
    monkeypatch.setenv("QUDAO_KAFKA", "broker:9093")
    monkeypatch.setenv("QUDAO_KAFKA_SECURITY", "SASL_SSL")
    with pytest.raises(ValidationError) as wrong:
        Settings()
    assert "QUDAO_KAFKA_USER is missing" in str(wrong.value)
    assert "s3cr3t" not in str(wrong.value)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"KAFKA_USER": "u"}, "QUDAO_KAFKA_PASSWORD is missing"),
        ({"KURRENT_USER": "u"}, "QUDAO_KURRENT_PASSWORD is missing"),
        ({"MONGO_USER": "u"}, "QUDAO_MONGO_PASSWORD is missing"),
        ({"BLOBS_KEY": "k"}, "QUDAO_BLOBS_SECRET is missing"),
        ({"KAFKA": "b:1", "KAFKA_SECURITY": "SASL_PLAINTEXT"}, "QUDAO_KAFKA_USER is missing"),
        ({"KAFKA_SECURITY": "TLS"}, "'SSL'"),
        ({"PARTITIONS": "0"}, "greater than or equal to 1"),
        ({"KAFKA_REPLICATION": "0"}, "greater than or equal to 1"),
        ({"APIS": "orders"}, "pairs like orders="),
        ({"APIS": "=http://a"}, "pairs like orders="),
        ({"APIS": "orders=,leads=http://l"}, "pairs like orders="),
    ],
)
def test_what_is_missing_or_wrong_is_said(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], said: str
) -> None:
    for name, value in given.items():
        monkeypatch.setenv(f"QUDAO_{name}", value)
    with pytest.raises(ValidationError, match=said):
        Settings()


@pytest.mark.parametrize(
    ("told", "found"),
    [
        ("", {}),
        ("orders=http://o:8080", {"orders": "http://o:8080"}),
        (" orders = http://o:8080/ , leads=http://l/?a=b,", {"orders": "http://o:8080"}),
    ],
)
def test_where_the_contexts_are_is_told_in_pairs(
    monkeypatch: pytest.MonkeyPatch, told: str, found: dict[str, str]
) -> None:
    monkeypatch.setenv("QUDAO_APIS", told)
    apis = Settings().apis
    assert {name: apis[name] for name in found} == found
    assert apis.get("leads") in {None, "http://l/?a=b"}


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"QUDAO_PORT": "many"}, "QUDAO_PORT"),
        ({"QUDAO_TIMEZONE": "Mars/Olympus"}, "QUDAO_TIMEZONE"),
        ({"QUDAO_TIMEZONE": "../../etc/passwd"}, "QUDAO_TIMEZONE"),
        ({"QUDAO_TIMEZONE": ""}, "QUDAO_TIMEZONE"),
        ({"QUDAO_MONGO_USER": "u"}, "QUDAO_MONGO_PASSWORD is missing"),
        ({"QUDAO_SECRETS": "/nowhere"}, "QUDAO_SECRETS"),
        ({"QUDAO_KAFKA_USER": "u", "QUDAO_KAFKA_PASSWORD": "p", "QUDAO_LOG": "x"}, "QUDAO_LOG"),
    ],
)
@pytest.mark.parametrize("words", [("api", "orders"), ("worker", "orders"), ("doctor",)])
def test_with_bad_settings_every_command_ends_with_one_line(
    data: Path, words: tuple[str, ...], settings: dict[str, str], said: str
) -> None:
    code = "from shared.runtime.cli.entry import main; main()"
    told = run(
        [executable, "-c", code, *words],
        env=environment(data, **settings),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert told.returncode != 0
    (line,) = told.stderr.strip().splitlines()
    assert said in line
