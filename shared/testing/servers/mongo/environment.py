"""SecantusDB in an environment of its own: it is GPL, so nothing of ours imports it."""

import fcntl
import re
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[4]
LOCK = ROOT / "requirements-servers.lock"
INSTALL_SECONDS = 570


def version() -> str:
    if found := re.search(r"^secantusdb==(\S+)", LOCK.read_text(), re.MULTILINE):
        return found[1]
    raise ValueError(f"{LOCK} pins no version of SecantusDB")


def prepare() -> Path:
    """The server's program; installs it when it is not there as the lock says."""
    folder = ROOT / ".servers" / "mongo"
    folder.parent.mkdir(parents=True, exist_ok=True)
    ready, locked = folder / "ready", sha256(LOCK.read_bytes()).hexdigest()
    with (folder.parent / "mongo.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not ready.is_file() or ready.read_text() != locked:
            shutil.rmtree(folder, ignore_errors=True)
            _install(folder)
            ready.write_text(locked)
    return folder / "bin" / "secantusd-py"


def _install(folder: Path) -> None:
    uv, python = str(Path(sys.executable).with_name("uv")), str(folder / "bin" / "python")
    _run(uv, "venv", "--quiet", "--python", sys.executable, str(folder))
    install = (uv, "pip", "install", "--quiet", "--python", python)
    _run(*install, "--require-hashes", "--only-binary", ":all:", "-r", str(LOCK))


def _run(*command: str) -> None:
    answer = subprocess.run(
        command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
    )
    if answer.returncode != 0:
        raise RuntimeError(f"SecantusDB: {answer.stdout[-1000:]}{answer.stderr[-3000:]}")
