"""Each import contract bites: forbidden imports, planted in a copy, break it by name."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.architecture.sources import ROOT

pytestmark = pytest.mark.slow

LINT = Path(sys.executable).with_name("lint-imports")
STRANGERS = "contexts know nothing of each other"
INWARDS = "inside a context, dependencies point at the domain"
PURE = "the domain is pure"
LAYERED = "shared is layered"
UPWARDS = "shared never imports a context"
ADAPTERS = "only the composition root picks adapters"
CODEC = "only the codec knows msgspec"
SERVERS = "only adapters know their servers"
FAUST = "only the runner of streams knows Faust"
EDGE = "only the edge knows HTTP"

PARTS = ("context", "api", "claims", "policies", "processes", "timers", "projections", "domain")
FORBIDDEN = [
    ("services.planted.policies", "services.stranger.domain", STRANGERS),
    ("services.planted.context", "services.stranger.context", STRANGERS),
    ("services.planted.domain.deal", "services.planted.projections", INWARDS),
    ("services.planted.projections", "services.planted.api", INWARDS),
    ("services.planted.api", "services.planted.policies", INWARDS),
    ("services.planted.timers", "services.planted.context", INWARDS),
    ("services.planted.domain.deal", "shared.kernel.handler", PURE),
    ("services.planted.domain.deal", "shared.runtime.context", PURE),
    ("services.planted.domain.deal", "pydantic", PURE),
    ("services.planted.domain.deal", "time", PURE),
    ("services.planted.domain.deal", "random", PURE),
    ("shared.kernel.planted", "shared.adapters", LAYERED),
    ("shared.contracts.planted", "shared.kernel.handler", LAYERED),
    ("shared.adapters.planted", "shared.runtime.context", LAYERED),
    ("shared.contracts.planted", "services.planted.domain", UPWARDS),
    ("shared.runtime.planted", "services.planted.context", UPWARDS),
    ("services.planted.context", "shared.adapters.sqlite", ADAPTERS),
    ("shared.kernel.planted", "msgspec", CODEC),
    ("services.planted.projections", "msgspec", CODEC),
    ("shared.runtime.planted", "apsw", SERVERS),
    ("services.planted.api", "sqlite3", SERVERS),
    ("shared.runtime.planted", "aiokafka", SERVERS),
    ("services.planted.policies", "pymongo", SERVERS),
    ("services.planted.policies", "faust", FAUST),
    ("shared.kernel.planted", "mode", FAUST),
    ("services.planted.policies", "fastapi", EDGE),
    ("shared.kernel.planted", "starlette", EDGE),
]
STRAY = [("services/planted/utils.py", INWARDS), ("shared/sixth/__init__.py", LAYERED)]


def write(folder: Path, path: str, line: str = "") -> None:
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a") as text:
        text.write(f"{line}\n")


def copied(folder: Path) -> Path:
    """Our code, and two small contexts of the right shape."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in ("services", "shared"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / package, folder / package, ignore=ignored)
    for context in ("planted", "stranger"):
        for part in ("__init__", *PARTS[:-1], "domain/__init__", "domain/deal"):
            write(folder, f"services/{context}/{part}.py")
    return folder


def lint(folder: Path) -> str:
    command = [str(LINT), "--no-cache"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout


def told(report: str) -> dict[str, str]:
    """What the report says below each contract's underlined name."""
    parts = re.split(r"^(\S.*)\n-{3,}\n", report.partition("Broken contracts\n")[2], flags=re.M)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copied(tmp_path_factory.mktemp("sound"))


@pytest.fixture(scope="module")
def broken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is told of each contract when every import of `FORBIDDEN` is there."""
    folder = copied(tmp_path_factory.mktemp("broken"))
    for module, imported, _ in FORBIDDEN:
        path = module.replace(".", "/")
        file = f"{path}/__init__.py" if (folder / path).is_dir() else f"{path}.py"
        write(folder, file, f"import {imported}")
    return told(lint(folder))


def test_sound_contexts_break_nothing(sound: Path) -> None:
    assert "0 broken" in lint(sound)


@pytest.mark.parametrize(("module", "imported", "contract"), FORBIDDEN)
def test_a_planted_import_breaks(
    broken: dict[str, str], module: str, imported: str, contract: str
) -> None:
    assert f"{module} -> {imported} (l." in broken[contract]


@pytest.mark.parametrize(("path", "contract"), STRAY)
def test_a_stray_module_breaks(sound: Path, path: str, contract: str) -> None:
    write(sound, path)
    report = lint(sound)
    (sound / path).unlink()
    assert f"{contract} BROKEN" in report


def test_every_contract_has_a_planted_violation() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    names = {contract["name"] for contract in settings["tool"]["importlinter"]["contracts"]}
    assert names == {contract for _, _, contract in FORBIDDEN}
