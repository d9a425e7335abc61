"""The log file as a channel: one line a delivery, on the disk, and whole."""

import asyncio
import json
from pathlib import Path
from uuid import UUID

import pytest

from shared.adapters.logfile import LogFileChannel
from shared.kernel.errors import PortFailed

ONE = UUID(int=1)


async def test_a_delivery_is_one_line(tmp_path: Path) -> None:
    channel = LogFileChannel(tmp_path / "log")
    await channel.send(ONE, "partner:acme", "订单待处理", "two\nlines")
    assert [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()] == [
        {
            "delivery_id": str(ONE),
            "recipient": "partner:acme",
            "title": "订单待处理",
            "body": "two\nlines",
        }
    ]


async def test_deliveries_at_once_do_not_mix(tmp_path: Path) -> None:
    channel = LogFileChannel(tmp_path / "log")
    await asyncio.gather(*(channel.send(UUID(int=n), "role:finance", "t", "b") for n in range(20)))
    lines = (tmp_path / "log").read_text().splitlines()
    assert {json.loads(line)["delivery_id"] for line in lines} == {
        str(UUID(int=n)) for n in range(20)
    }


async def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    (tmp_path / "log").write_text('{"delivery_id": "00')
    await LogFileChannel(tmp_path / "log").send(ONE, "role:finance", "t", "b")
    cut, whole = (tmp_path / "log").read_text().splitlines()
    assert (cut, json.loads(whole)["delivery_id"]) == ('{"delivery_id": "00', str(ONE))


async def test_a_file_that_cannot_be_written_is_a_port_that_failed(tmp_path: Path) -> None:
    with pytest.raises(PortFailed):
        await LogFileChannel(tmp_path / "missing" / "log").send(ONE, "r", "t", "b")
