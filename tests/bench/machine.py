"""The machine in this moment: what it is, how fast its disk and its processor are now."""

import os
import platform
import subprocess
import tempfile
from importlib.metadata import version
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import apsw

from tests.bench.environments import CACHE, PINNED, ROOT

SYNCS, BLOCK, TURNS = 200, b"x" * 4_096, 1_000_000
VERSIONS = ("apsw", "aiokafka", "confluent-kafka", "fastapi", "msgspec", "pydantic", "uvicorn")
PRAGMAS = {"journal_mode": "wal", "synchronous": "FULL", "wal_autocheckpoint": 4_000}
VIEW_PRAGMAS = PRAGMAS | {"synchronous": "NORMAL"}


def calibration() -> dict[str, float]:
    """4 KiB `fdatasync` on the data disk, and a fixed loop of the processor."""
    CACHE.mkdir(exist_ok=True)
    times = []
    with tempfile.NamedTemporaryFile(dir=CACHE) as file:
        for _ in range(SYNCS):
            file.write(BLOCK)
            file.flush()
            began = perf_counter()
            os.fdatasync(file.fileno())
            times.append(1_000 * (perf_counter() - began))
    began, total = perf_counter(), 0
    for number in range(TURNS):
        total += number
    loop = 1_000 * (perf_counter() - began)
    load = os.getloadavg()[0]
    p99 = quantiles(times, n=100)[98]
    return {
        "fdatasync_p50_ms": median(times),
        "fdatasync_p99_ms": p99,
        "loop_ms": loop,
        "load": load,
    }


def environment() -> dict[str, Any]:
    return {
        "git": _git("rev-parse", "--short", "HEAD") + ("+" if _git("status", "--short") else ""),
        "python": platform.python_version(),
        "kernel": platform.release(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_mib": _memory(),
        "file_system": _file_system(CACHE),
        "sqlite": apsw.sqlite_lib_version(),
        "versions": {name: version(name) for name in VERSIONS},
        "peers": [pin for pins in PINNED.values() for pin in pins],
        "pragmas": {"store": PRAGMAS, "views": VIEW_PRAGMAS},
    }


def _git(*command: str) -> str:
    done = subprocess.run(["git", *command], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor()


def _memory() -> int:
    total = Path("/proc/meminfo").read_text().splitlines()[0]
    return int(total.split()[1]) // 1_024


def _file_system(folder: Path) -> str:
    """Of the longest mount point above; a tmpfs here would make every figure worthless."""
    folder.mkdir(exist_ok=True)
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    above = [m for m in mounts if folder.is_relative_to(m[1])]
    return max(above, key=lambda mount: len(mount[1]))[2]
