"""Each peer in an environment of its own, made once, under a folder that git ignores."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".bench"
PEERS = Path(__file__).parent / "peers"
PINNED = {
    "eventsourcing": ("eventsourcing==9.5.6", "fastapi==0.165.0", "uvicorn==0.54.0"),
    "umadb": ("umadb==0.7.8",),
    "faust": ("faust-streaming==0.15.3", "mode-streaming==0.7.1"),
    "faststream": ("faststream[kafka]==0.7.8",),
}


class Unavailable(Exception):
    """The environment could not be made: its rows are not measured."""


def python(name: str) -> Path:
    """Its interpreter; the environment is made if it is not what is pinned."""
    folder = CACHE / "environments" / name
    mark, wanted = folder / "pinned", "\n".join(PINNED[name])
    if not (mark.exists() and mark.read_text() == wanted):
        uv = Path(sys.executable).with_name("uv")
        interpreter = folder / "bin" / "python"
        _done(uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
        _done(uv, "pip", "install", "--quiet", "--python", interpreter, *PINNED[name])
        mark.write_text(wanted)
    return folder / "bin" / "python"


def _done(*command: object) -> None:
    done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise Unavailable(f"{command[1]}: {done.stderr.strip()[-300:]}")
