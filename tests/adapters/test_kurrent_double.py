"""The double decides as the server's code does: revisions, repeats, positions, and its file."""

from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import pytest

from shared.testing.servers.kurrent.log import (
    ANY,
    EXISTS,
    NO_STREAM,
    InvalidPosition,
    Log,
    Proposed,
    Record,
    WrongVersion,
)


def proposed(*ids: int) -> list[Proposed]:
    made = []
    for number in ids:
        one = Proposed(data=b"{}", metadata={"type": "ThingDone"})
        one.id.string = str(UUID(int=number))
        made.append(one)
    return made


def stored(log: Log, stream: str = "a") -> list[int]:
    return [record.id.int for record in log.streams.get(stream, [])]


@pytest.fixture
def log() -> Log:
    log = Log()
    log.append("a", NO_STREAM, proposed(1, 2, 3))
    return log


@pytest.mark.parametrize("expected", [2, ANY, EXISTS])
def test_what_fits_is_written_behind_the_last(log: Log, expected: int) -> None:
    assert log.append("a", expected, proposed(4, 5)).revision == 4
    assert stored(log) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("expected", [NO_STREAM, 0, 1, 3, 9])
def test_another_revision_than_the_last_is_wrong(log: Log, expected: int) -> None:
    with pytest.raises(WrongVersion) as wrong:
        log.append("a", expected, proposed(4))
    assert wrong.value.actual == 2
    assert stored(log) == [1, 2, 3]


@pytest.mark.parametrize("expected", [0, 5, EXISTS])
def test_a_stream_that_is_not_there_has_no_revision(log: Log, expected: int) -> None:
    with pytest.raises(WrongVersion) as wrong:
        log.append("b", expected, proposed(4))
    assert wrong.value.actual == -1


@pytest.mark.parametrize(
    ("expected", "ids", "revision"),
    [
        (NO_STREAM, (1, 2, 3), 2),
        (NO_STREAM, (1, 2), 1),
        (0, (2, 3), 2),
        (1, (3,), 2),
        (ANY, (2, 3), 2),
        (EXISTS, (1,), 0),
    ],
)
def test_the_same_ids_at_their_revisions_are_answered_and_not_written(
    log: Log, expected: int, ids: Sequence[int], revision: int
) -> None:
    again = log.append("a", expected, proposed(*ids))
    assert again == log.streams["a"][revision]
    assert stored(log) == [1, 2, 3]


@pytest.mark.parametrize(
    ("expected", "ids"),
    [(NO_STREAM, (1, 2, 3, 4)), (0, (2, 4)), (1, (2,)), (NO_STREAM, (2, 1)), (ANY, (1, 9))],
)
def test_partly_the_same_ids_are_wrong(log: Log, expected: int, ids: Sequence[int]) -> None:
    with pytest.raises(WrongVersion):
        log.append("a", expected, proposed(*ids))
    assert stored(log) == [1, 2, 3]


def test_the_same_id_at_the_revision_that_fits_is_written_again(log: Log) -> None:
    log.append("a", 2, proposed(1))
    assert stored(log) == [1, 2, 3, 1]


def test_a_read_begins_at_a_record_or_behind_the_end(log: Log) -> None:
    first, second, third = log.streams["a"]
    assert list(log.forward(second.position, everything)) == [second, third]
    assert [*log.backward(second.position, everything)][-1:] != [second]
    assert next(log.backward(second.position, everything)) == first
    assert list(log.forward(third.position + 10_000, everything)) == []
    for read in (log.forward, log.backward):
        with pytest.raises(InvalidPosition):
            list(read(second.position + 1, everything))


def test_a_file_is_read_to_its_last_whole_append(tmp_path: Path) -> None:
    file = tmp_path / "kurrent.log"
    before = Log(file)
    for n in range(5):
        last = before.append(f"s{n % 2}", n // 2 * 2 - 1, proposed(2 * n + 1, 2 * n + 2))
    before.close()
    whole = file.read_bytes()
    file.write_bytes(whole[:-3])
    torn = Log(file)
    assert (stored(torn, "s0"), stored(torn, "s1")) == ([1, 2, 5, 6], [3, 4, 7, 8])
    assert torn.append("s0", 3, proposed(9, 10)) == last
    torn.close()
    assert file.read_bytes() == whole


def everything(record: Record) -> bool:
    return True
