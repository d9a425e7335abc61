"""`qudao up` as a real process: how it starts, and how it stops or is stopped."""

import json
import signal
import sqlite3
import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.runtime.running import GRACE, LIVENESS, QUDAO, START, Up, environment, free_port, up

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]


def test_its_last_word_at_start_is_where_it_listens(tmp_path: Path) -> None:
    port = free_port()
    with up(tmp_path, port, "--clock", START) as one:
        assert one.said == [f"ready http://127.0.0.1:{port}"]
        with one.client() as http:
            assert http.get("/health").status_code == 200
            assert http.get("/metrics").status_code == 200
            assert http.get("/v1/clock").json()["now"] == "2026-01-05T01:00:00+00:00"
        code, seconds = one.stop(signal.SIGTERM)
        assert (code, seconds < GRACE) == (0, True)
        assert one.process.stdout and one.process.stdout.read() == ""


def test_ctrl_c_stops_it_as_well_and_the_clock_goes_on_where_it_stood(tmp_path: Path) -> None:
    port = free_port()
    with up(tmp_path, port, "--clock", START) as one, one.client() as http:
        target = {"advance_to": "2026-03-01T00:00:00+08:00"}
        assert http.post("/v1/clock", json=target).status_code == 200
        assert one.stop(signal.SIGINT)[0] == 0
    with up(tmp_path, port, "--clock", START) as one, one.client() as http:
        assert http.get("/v1/clock").json()["now"] == "2026-02-28T16:00:00+00:00"


def test_a_second_one_on_the_same_folder_refuses_plainly(tmp_path: Path) -> None:
    port = free_port()
    with up(tmp_path, port) as first, up(tmp_path, port + 1, ready=False) as second:
        out, told = second.process.communicate(timeout=LIVENESS)
        assert second.process.returncode == 1
        assert len(told.strip().splitlines()) == 1
        assert str(tmp_path) in told and "QUDAO_DATA" in told
        assert "ready" not in out
        with first.client() as http:
            assert http.get("/health").status_code == 200


def test_the_next_free_port_is_taken_and_said(tmp_path: Path) -> None:
    port = free_port()
    with up(tmp_path / "a", port) as first, up(tmp_path / "b", port) as second:
        taken = int(second.address.rpartition(":")[2])
        assert port < taken < port + 100
        assert second.said[0] == f"port {port} is taken, using {taken}"
        for one in (first, second):
            with one.client() as http:
                assert http.get("/health").status_code == 200


def test_two_that_start_at_once_get_a_port_each(tmp_path: Path) -> None:
    port = free_port()
    with ExitStack() as both:
        starting = [both.enter_context(up(tmp_path / n, port, ready=False)) for n in "ab"]
        lines = [ready(one) for one in starting]
        assert len(set(lines)) == 2


def ready(one: Up) -> str:
    assert one.process.stdout is not None
    return next(line for line in one.process.stdout if line.startswith("ready "))


def test_a_hand_turned_clock_is_for_tests_and_the_demo(tmp_path: Path) -> None:
    told = subprocess.run(
        [QUDAO, "up", "--clock", START],
        env=environment(tmp_path, QUDAO_TEST="0"),
        capture_output=True,
        text=True,
        timeout=LIVENESS,
        check=False,
    )
    assert told.returncode != 0
    assert "--clock needs --demo or QUDAO_TEST=1" in told.stderr


@pytest.mark.parametrize("file", ["orders.store.db", "bus.db", "leads.views.db"])
def test_a_file_that_is_not_ours_is_refused_in_one_line(tmp_path: Path, file: str) -> None:
    (tmp_path / file).write_bytes(b"no database at all " * 99)
    told = refused(tmp_path)
    assert file in told


def test_a_folder_from_another_installation_is_refused_in_one_line(tmp_path: Path) -> None:
    with up(tmp_path, free_port()) as one:
        one.stop(signal.SIGTERM)
    assert "bus.db" in refused(tmp_path, QUDAO_PARTITIONS="12")
    with sqlite3.connect(tmp_path / "orders.store.db") as newer:
        newer.execute("UPDATE stamp SET schema = 99")
    newer.close()
    assert "orders.store.db" in refused(tmp_path)


@pytest.mark.parametrize("name", ["QUDAO_PORT", "QUDAO_PARTITIONS", "QUDAO_LOG"])
def test_a_wrong_setting_is_named_in_one_line(tmp_path: Path, name: str) -> None:
    assert name in refused(tmp_path, **{name: "many"})


def refused(folder: Path, **settings: str) -> str:
    told = subprocess.run(
        [QUDAO, "up"],
        env=environment(folder, **settings),
        capture_output=True,
        text=True,
        timeout=LIVENESS,
        check=False,
    )
    assert (told.returncode, "ready" in told.stdout) == (1, False)
    assert len(told.stderr.strip().splitlines()) == 1, told.stderr
    return told.stderr


def test_a_body_that_is_too_large_is_answered_by_a_real_server_too(tmp_path: Path) -> None:
    with up(tmp_path, free_port()) as one, one.client() as http:
        for size in (2 << 20, 10 << 20):
            sent = {"Idempotency-Key": "k", "content-type": "application/json"}
            answer = http.post("/v1/partners", content=b" " * size, headers=sent)
            assert (answer.status_code, json.loads(answer.content)["slug"]) == (
                413,
                "body-too-large",
            )
        assert http.get("/health").status_code == 200


def test_the_feed_tells_what_was_just_done_and_lets_the_process_end(tmp_path: Path) -> None:
    asked = {"type": "PartnerEnrolled"}
    with up(tmp_path, free_port(), "--clock", START) as one, one.client() as http:  # noqa: SIM117
        with http.stream("GET", "/v1/feed", params=asked) as feed:
            assert feed.headers["content-type"].startswith("text/event-stream")
            lines = feed.iter_lines()
            assert next(lines).startswith(":")
            body = {"partner_id": "p1", "type": "agent", "level": "gold", "regions": ["east"]}
            made = http.post(
                "/v1/partners",
                json={**body, "industries": [], "product_lines": []},
                headers={"Idempotency-Key": "k1"},
            )
            assert made.status_code == 201
            told = next(line for line in lines if line.startswith("data: "))
            assert json.loads(told.removeprefix("data: "))["data"]["partner_id"] == "p1"
            code, seconds = one.stop(signal.SIGTERM)
            assert (code, seconds < GRACE) == (0, True)
            assert [line for line in lines if line.startswith("data: ")] == []
