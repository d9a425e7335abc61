"""The story of `qudao up --demo`: the same every time, checked on paper, watched in time-lapse."""

import json
import signal
import threading
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from time import monotonic, sleep

import pytest
from httpx2 import Client, TransportError

from shared.kernel.errors import Incompatible
from shared.runtime.demo.cast import PARTNERS, RETURNING, STAR, WAITING
from shared.runtime.demo.checks import wrong
from shared.runtime.demo.player import PROGRESS, StoryBroken, Teller, Told
from shared.runtime.demo.reckoning import available, earned, marginal, paper, whole
from shared.runtime.demo.steps import END, LAPSE, START
from shared.runtime.demo.story import edition, story
from shared.testing.platform import platform
from tests.runtime.running import LIVENESS, free_port, up

MONTHS = {(2024 + n // 12, n % 12 + 1) for n in range(9, 28)}
SEEN = {"OrderApproved", "PaymentReceived", "OrderDelivered", "DealRegistered", "MdfPaid"}
SEEN |= {"RegistrationRejected", "StockBelowSafety", "CustomerReleased", "RebateSettled"}
SEEN |= {"RebateAdjusted", "OpportunityWon", "NotificationSent"}


def test_it_is_the_same_story_every_time_and_goes_through_eighteen_months() -> None:
    told = story()
    assert edition(told) == edition(story())
    assert [one.at for one in told] == sorted(one.at for one in told)
    assert told[0].at == START and told[-1].at < END
    assert END - timedelta(days=89) > LAPSE
    assert {(one.at.year, one.at.month) for one in told} == MONTHS
    assert len({one.partner_id for one in PARTNERS}) == len(PARTNERS) == 24


@pytest.mark.parametrize(
    ("volume", "rebate"),
    [
        ("499999.99", "0"),
        ("500000", "15000.00"),
        ("999999.99", "30000.00"),
        ("1000000", "50000.00"),
        ("1010000", "50500.00"),
    ],
)
def test_on_paper_the_tier_that_is_reached_counts_for_all_of_it(volume: str, rebate: str) -> None:
    assert whole(Decimal(volume)) == Decimal(rebate)


@pytest.mark.parametrize(
    ("volume", "rebate"),
    [("200000", "0"), ("200001", "0.01"), ("500000", "3000.00"), ("1100000", "16000.00")],
)
def test_on_paper_each_tier_counts_for_what_lies_in_it(volume: str, rebate: str) -> None:
    assert marginal(Decimal(volume)) == Decimal(rebate)


def test_on_paper_the_spring_comes_to_the_figures_of_the_tour() -> None:
    told = paper(story())
    quarters = earned(told)["a-line-quarter"]
    assert quarters[STAR, "2026Q1"] == (Decimal(1_010_000), Decimal(50_500))
    assert quarters[RETURNING, "2025Q3"] == (Decimal(480_000), Decimal(0))
    assert available(told)[WAITING] == Decimal(100_000)
    assert min(available(told).values()) >= 0


def test_a_wrong_answer_is_named_with_what_it_must_be() -> None:
    right = {"a": (1, 1), "b": ({"x": 1}, {"x": 1})}
    assert [*wrong(right)] == []
    assert [*wrong(right | {"a": (2, 1)})] == ["a: 2, not 1"]
    more = {"b": ({"x": 1, "y": 2}, {"x": 1, "z": 3})}
    assert [*wrong(right | more)] == ["b y: 2, not None", "b z: None, not 3"]


def test_a_folder_goes_on_where_it_stood_and_keeps_its_edition(tmp_path: Path) -> None:
    Told.of(tmp_path, story()).note(7)
    assert Told.of(tmp_path, story()).done == 7
    with pytest.raises(Incompatible, match="another edition"):
        Told.of(tmp_path, story(brief=True))


@pytest.mark.timeout(300)
async def test_told_briefly_its_answers_are_right(tmp_path: Path) -> None:
    async with platform(tmp_path, START.isoformat()) as bed:
        told = story(brief=True)
        teller = Teller(bed.http, bed.house, told, Told.of(tmp_path, told))
        await teller.tell()
        assert await teller.check(brief=True) > 10
        more = replace(teller, story=[*told, told[-1]])  # a payment more, on paper only
        with pytest.raises(StoryBroken, match=f"available credit {STAR}"):
            await more.check(brief=True)


@dataclass(slots=True)
class Watcher:
    """Somebody who follows the feed until the process ends."""

    address: str
    seen: Counter[str] = field(default_factory=Counter)
    days: set[str] = field(default_factory=set)

    def follow(self) -> None:
        with Client(base_url=self.address, timeout=120) as http:
            token = http.post("/v1/tokens", json={"role": "manager", "sub": "li"}).json()["token"]
            headers = {"Authorization": f"Bearer {token}"}
            try:
                with http.stream("GET", "/v1/feed", headers=headers) as stream:
                    for line in stream.iter_lines():
                        self.heard(line)
            except TransportError:
                return  # it has ended

    def heard(self, line: str) -> None:
        name, _, value = line.partition(": ")
        if name == "data":
            told = json.loads(value)
            self.seen[told["type"]] += 1
            self.days.add(told["time"][:10])


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_time_lapse_plays_the_last_quarter_before_who_watches_the_feed(tmp_path: Path) -> None:
    how = ("--demo", "--time-lapse", "--seconds", "6", "--exit")
    with up(tmp_path, free_port(), *how) as one:
        watcher = Watcher(one.address)
        watching = threading.Thread(target=watcher.follow)
        watching.start()
        out, err = one.process.communicate(timeout=600)
        watching.join(120)
    assert one.process.returncode == 0, err
    assert "answers of the story are right" in out
    assert {name for name in SEEN if not watcher.seen[name]} == set()
    assert min(watcher.days) >= f"{LAPSE:%Y-%m-%d}"
    assert len(watcher.days) > 20


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_killed_while_it_is_told_it_goes_on_where_it_stood(tmp_path: Path) -> None:
    how = ("--demo", "--brief")
    with up(tmp_path, free_port(), *how, ready=False) as one:
        deadline = monotonic() + LIVENESS
        while steps(tmp_path) < 55:
            assert monotonic() < deadline
            sleep(0.01)
        one.stop(signal.SIGKILL)
    before = steps(tmp_path)
    assert 55 <= before < len(story(brief=True))
    with up(tmp_path, free_port(), *how, "--exit", ready=False) as one:
        out, err = one.process.communicate(timeout=300)
    assert one.process.returncode == 0, err
    assert "answers of the story are right" in out
    assert "telling" not in out


def steps(folder: Path) -> int:
    told = folder / PROGRESS
    return int(told.read_text().split()[1]) if told.exists() else 0
