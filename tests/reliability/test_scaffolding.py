"""The journal and the tally are right, or nothing that stands on them is."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.reliability import journal
from tests.reliability.journal import Journal, Outcome
from tests.reliability.oracle import Stored, holes, not_a_beginning, unfaithful
from tests.reliability.tally import Tally, line


def test_what_got_no_answer_is_unknown(tmp_path: Path) -> None:
    with closing(Journal(tmp_path / "journal")) as kept:
        kept.told(kept.asked(amount=7), "ok", status=201)
        kept.told(kept.asked(amount=7), "fail", status=422)
        kept.asked(amount=7)
    with (tmp_path / "journal").open("a") as torn:
        torn.write('{"op": 3, "outco')
    found = journal.read(tmp_path / "journal")
    assert [one.outcome for one in found.values()] == ["ok", "fail", "unknown"]
    assert found[2].answer == {"status": 422} and found[3].asked == {"amount": 7}


def test_the_oracle_names_what_is_wrong(tmp_path: Path) -> None:
    outcomes: list[Outcome] = ["ok", "ok", "fail", "unknown", "unknown"]
    with closing(Journal(tmp_path / "journal", first=1)) as kept:
        for outcome in outcomes:
            kept.told(kept.asked(), outcome)
    found = unfaithful(journal.read(kept.path), [1, 1, 3, 4, 9])
    assert found == {"lost": [2], "doubled": [1], "never asked": [9], "refused yet there": [3]}


def test_holes_are_named() -> None:
    facts = [Stored(1, "a", 1, {}), Stored(2, "b", 2, {}), Stored(4, "a", 2, {})]
    assert holes(facts) == {"holes in versions": ["b"], "holes in positions": [4]}


def test_a_reader_saw_a_beginning_or_it_is_named() -> None:
    assert not_a_beginning("ab", "abc") == []
    assert not_a_beginning("ac", "abc") == [("c", "b")]
    assert not_a_beginning("abcd", "abc") == ["d"]


def test_a_zero_without_an_n_is_a_failure(tally: Tally, request: pytest.FixtureRequest) -> None:
    for tried, seen, never in (
        ({"trials": 0}, {"answers": 1}, {"lost": []}),
        ({"trials": 9}, {"answers": 0}, {"lost": []}),
        ({"trials": 9}, {"answers": 1}, {"lost": [7]}),
    ):
        with pytest.raises(AssertionError):
            tally("S0 the tally itself", tried, seen=seen, never=never)
    request.node.user_properties.clear()


def test_a_line_shows_n_beside_its_zeros() -> None:
    entry = {"row": "A1", "what": "killed", "tried": {"kills": 50}, "seen": {"answers": 1200}}
    entry |= {"never": {"lost": 0, "doubled": 0}, "told": {"slowest start, s": 0.8}}
    assert line(entry) == (
        "A1   killed: 50 kills, 1,200 answers · 0 lost, 0 doubled (95 %: under 6 % a trial)"
        " · slowest start, s 0.8"
    )
