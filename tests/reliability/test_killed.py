"""A1. A serving process dies by SIGKILL at any moment; what it had answered is there, and once.

The clients' journal is ours. Half of what they are not sure of they ask again, the other half
never: that may be there once, or not at all.
"""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from threading import Event
from typing import Any

import pytest
from httpx2 import Client, TransportError, codes

from tests.reliability import journal
from tests.reliability.journal import Journal, Outcome
from tests.reliability.oracle import Stored, damage, facts_in, holes, unfaithful
from tests.reliability.serving import LIVENESS, Life, nursery, order, payment, prepare
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

KILLS, SIDES, PARTNERS = trials(50, 500), 3, 3
CONTEXTS = ("partners", "leads", "orders", "rebates", "forecast", "notifications")
PUBLISHED = ("PartnerEnrolled", "OrderSubmitted", "OrderApproved", "PaymentReceived")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.reliability,
    pytest.mark.timeout(trials(3_600, 36_000)),
]


@dataclass(slots=True)
class Clients:
    """What they ask is in the journal before it leaves, what they hear before the next."""

    kept: Journal
    random: Random
    unsure: list[tuple[int, dict[str, Any]]] = field(default_factory=list)

    def hammer(self, life: Life, answered: Event) -> None:
        """Different things, until nobody answers any more."""
        try:
            with life.client() as http:
                while True:
                    wish = self._wish()
                    number = self.kept.asked(**wish)
                    self.unsure.append((number, wish))
                    self.ask(http, number, wish)
                    self.unsure.remove((number, wish))
                    answered.set()
        except TransportError:
            return

    def _wish(self) -> dict[str, Any]:
        kind = self.random.choice(("order", "order", "payment", "partner"))
        return {"kind": kind, "partner": f"p{self.random.randrange(PARTNERS)}"}

    def ask(self, http: Client, number: int, wish: dict[str, Any]) -> None:
        path, body = request(number, wish)
        answer = http.post(path, json=body, headers={"Idempotency-Key": f"k{number}"})
        outcome: Outcome = "ok" if answer.is_success else "fail"
        self.kept.told(number, outcome, status=answer.status_code)

    def ask_again(self, http: Client) -> int:
        """Half of what nobody answered; the rest is let go for ever."""
        again = [one for one in self.unsure if self.random.random() < 0.5]
        self.unsure.clear()
        for number, wish in again:
            self.ask(http, number, wish)
        return len(again)


def request(number: int, wish: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The operation's number is in what it names."""
    if wish["kind"] == "order":
        return "/v1/orders", order(number, wish["partner"])
    if wish["kind"] == "payment":
        return "/v1/payments", payment(number, wish["partner"])
    return "/v1/partners", {"partner_id": f"x{number}", "type": "agent", "level": "gold"}


def test_what_was_answered_before_a_kill_is_there_once(tmp_path: Path, tally: Tally) -> None:
    folder, random, readies, again = tmp_path / "data", Random(1), list[float](), 0
    with nursery(folder, tmp_path / "room") as lives, closing(Journal(tmp_path / "kept")) as kept:
        clients = Clients(kept, random)
        for _ in range(KILLS):
            with lives.life() as life:
                readies.append(life.seconds)
                with life.client() as http:
                    prepare(http, PARTNERS)
                    again += clients.ask_again(http)
                killed_under_load(life, clients, random.uniform(0.005, 0.5))
        with lives.life() as life, life.client() as http:
            settled = at_rest(http)
            shown = [http.get(f"/v1/accounts/p{n}").json() for n in range(PARTNERS)]
            rebates = http.get("/v1/rebates/accounts", params={"programme": "growth"}).json()
            orders = list(listed(http, "/v1/orders"))
    asked = journal.read(kept.path)
    facts = {name: facts_in(folder / f"{name}.store.db") for name in CONTEXTS}
    outcomes = Counter(one.outcome for one in asked.values())
    told = [told_by(one) for facts_ in facts.values() for one in facts_]
    tally(
        "A1 a serving process is killed by SIGKILL",
        {"kills": KILLS},
        seen={"answered": outcomes["ok"], "left unknown": outcomes["unknown"], "repeats": again},
        never=unfaithful(asked, [number for number in told if number])
        | of_every_store(folder, facts)
        | on_the_bus(folder, facts)
        | shown_wrongly(facts["orders"], shown, rebates["items"], orders)
        | {"parked": range(settled["parked"])},
        told={"slowest start, s": round(max(readies), 2)},
    )


def killed_under_load(life: Life, clients: Clients, after: float) -> None:
    """`after` seconds from the first answer."""
    answered = Event()
    with ThreadPoolExecutor(SIDES) as sides:
        running = [sides.submit(clients.hammer, life, answered) for _ in range(SIDES)]
        assert answered.wait(LIVENESS)
        time.sleep(after)
        life.kill()
        for side in running:
            side.result(LIVENESS)


def at_rest(http: Client) -> dict[str, Any]:
    """However much the lives have left behind."""
    while (answer := http.get("/v1/settled")).status_code == codes.GATEWAY_TIMEOUT:
        pass
    found: dict[str, Any] = answer.raise_for_status().json()
    return found


def listed(http: Client, path: str) -> Iterator[dict[str, Any]]:
    cursor: str | None = ""
    while cursor is not None:
        page = http.get(path, params={"limit": 200} | ({"cursor": cursor} if cursor else {}))
        yield from page.json()["items"]
        cursor = page.json()["cursor"]


def told_by(fact: Stored) -> int:
    """The number of the operation that this is the first fact of; 0 for what only follows."""
    data, type_ = fact.envelope["data"], fact.envelope["type"]
    names = {
        "PartnerEnrolled": lambda: data["partner_id"],
        "OrderSubmitted": lambda: data["order_id"],
        "ReceiptRecorded": lambda: data["payment"]["document_no"],
    }
    name = names[type_]() if type_ in names else "-"
    return int(name[1:]) if name[0] in "xod" else 0


def of_every_store(folder: Path, facts: dict[str, list[Stored]]) -> dict[str, list[Any]]:
    found = [holes(those) for those in facts.values()]
    return {name: [hole for one in found for hole in one[name]] for name in found[0]} | {
        "damaged files": [wrong for path in sorted(folder.glob("*.db")) for wrong in damage(path)]
    }


def on_the_bus(folder: Path, facts: dict[str, list[Stored]]) -> dict[str, list[Any]]:
    """I4: what may leave the house, and what is on its topics, are the same set."""
    with closing(sqlite3.connect(folder / "bus.db")) as db:
        values = [json.loads(value) for (value,) in db.execute("SELECT value FROM records")]
    sent = {one["id"] for one in values if one["type"] in PUBLISHED}
    stored = {
        fact.envelope["id"]
        for those in facts.values()
        for fact in those
        if fact.envelope["type"] in PUBLISHED
    }
    return {"not published": list(stored - sent), "published, not stored": list(sent - stored)}


def shown_wrongly(
    facts: list[Stored],
    accounts: list[dict[str, Any]],
    rebates: list[dict[str, Any]],
    orders: list[dict[str, Any]],
) -> dict[str, list[Any]]:
    """I5, I7: orders of 100 and payments of 100, counted from the facts, against every view."""
    counted = Counter(
        (fact.envelope["type"], fact.envelope["data"].get("partner_id")) for fact in facts
    )
    volumes = {one["partner_id"]: amount(one["volume"]) for one in rebates}
    wrong: list[Any] = []
    for one in accounts:
        partner = one["partner_id"]
        paid = 100 * counted["ReceiptRecorded", partner]
        books = {
            "confirmed": (amount(one["confirmed"]), 100 * counted["OrderSubmitted", partner]),
            "received": (amount(one["received"]), paid),
            "rebated": (volumes.get(partner, 0) + amount(one["unapplied"]), paid),
        }
        wrong += [(partner, name, *both) for name, both in books.items() if both[0] != both[1]]
    told = Counter(one.envelope["data"].get("order_id") for one in facts if told_by(one))
    del told[None]
    rows = Counter(one["order_id"] for one in orders if one["status"] == "approved")
    return {"views that differ": [*wrong, *(rows - told), *(told - rows)]}


def amount(money: dict[str, str]) -> Decimal:
    return Decimal(money["amount"])
