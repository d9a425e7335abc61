"""The local servers of tests: they say why they do not start, and never outlive a test run."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from shared.testing.servers.ports import HIGHEST, LOWEST, Port
from shared.testing.servers.process import NotStarted, Process

SLEEPER = """
from pathlib import Path
from shared.testing.servers.process import Process
one = Process(("sh", "-c", "echo on; exec sleep 60"), Path("{log}"), "on")
one.start()
print(one.pid, flush=True)
one._child.wait()
"""


def test_a_server_that_ends_at_start_says_its_last_words(tmp_path: Path) -> None:
    failing = Process(("sh", "-c", "echo no memory; exit 3"), tmp_path / "log", "ready")
    with pytest.raises(NotStarted, match="no memory"):
        failing.start()
    assert failing.pid is None


def test_what_it_said_in_an_earlier_life_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("ready\n")
    ended = Process(("sh", "-c", "exit 0"), tmp_path / "log", "ready")
    with pytest.raises(NotStarted):
        ended.start()


def test_a_server_can_be_stopped_killed_and_started_again(tmp_path: Path) -> None:
    server = Process(("sh", "-c", "echo ready; exec sleep 60"), tmp_path / "log", "ready")
    seen = set()
    for end in (server.stop, server.kill, server.stop):
        server.start()
        seen.add(server.pid)
        end()
        end()
        assert server.pid is None
    assert len(seen) == 3


def test_a_server_ends_with_a_test_run_that_is_killed(tmp_path: Path) -> None:
    code = SLEEPER.format(log=tmp_path / "log")
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        pid = int(run.stdout.readline())
        run.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while _lives(pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_port_is_ours_while_its_server_is_down() -> None:
    ports = [Port() for _ in range(20)]
    numbers = {port.number for port in ports}
    assert len(numbers) == 20
    assert all(LOWEST <= number < HIGHEST for number in numbers)
    for port in ports:
        port.release()


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
