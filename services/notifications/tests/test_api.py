"""Notifications over HTTP, fed by what orders and partners publish."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.notifications.tests.facts import held, on_the_bus, released
from shared.contracts.event import Event
from shared.contracts.ids import named
from shared.testing.platform import Bed, platform

RULES = "/v1/notification-rules"
MINE = {
    "rule_id": "shipped",
    "on": "OrderShipped",
    "subject": "{order_id}",
    "recipients": ["partner:{partner_id}"],
    "channels": ["inbox"],
    "title": {"zh": "订单 {order_id} 已发货", "en": "Order {order_id} has shipped"},
    "body": {"zh": "{shipped_on}", "en": "{shipped_on}"},
}
PARTNER = {
    "partner_id": "acme",
    "type": "agent",
    "level": "gold",
    "regions": [],
    "industries": [],
    "product_lines": [],
}


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    async with platform(tmp_path, contexts=("partners", "notifications")) as bed:
        yield bed


async def arrive(bed: Bed, *facts: tuple[int, Event], late: timedelta = timedelta()) -> None:
    for sequence, fact in facts:
        await bed.platform.bus.publish([on_the_bus(fact, sequence, late)])
        await bed.settle()


async def inbox(bed: Bed, query: str = "", **who: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await bed.get(f"/v1/notifications{query}", **who))["items"]
    return found


def logged(folder: Path) -> list[dict[str, Any]]:
    path = folder / "notifications.log"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


async def test_a_hold_is_told_once_until_it_ends_and_begins_again(
    bed: Bed, tmp_path: Path
) -> None:
    await arrive(bed, (1, held("credit")), (2, held("credit", "director-approval")))
    await arrive(bed, (1, held("credit")))
    mine = await inbox(bed, "?rule=order-held-credit", partner="acme")
    assert [(one["subject"], one["episode"]) for one in mine] == [("o-1", "1")]
    await arrive(bed, (3, released()), (4, held("credit")))
    both = await inbox(bed, "?rule=order-held-credit", partner="acme")
    mine = sorted(both, key=lambda one: str(one["episode"]))
    assert [one["episode"] for one in mine] == ["1", "2"]
    assert mine[0]["title"]["zh"] == "订单 o-1 因信用额度暂挂"
    assert mine[0]["severity"] == "critical"
    finance = await inbox(bed, "?rule=order-held-credit", role="finance")
    assert [one["recipient"] for one in finance] == ["role:finance"] * 2
    lines = [line["delivery_id"] for line in logged(tmp_path)]
    step = "order-held-credit", "o-1", "1", "log", "partner:acme", 1
    assert str(named(*step)) in lines
    assert len(lines) == len(set(lines))
    assert mine[0]["deliveries"]["log"] == {"delivery_id": str(named(*step)), "failed": None}


async def test_what_partners_publishes_is_heard(bed: Bed) -> None:
    await bed.post("/v1/partners", PARTNER)
    await bed.post("/v1/partners/acme/suspension", {"reason": "dispute"})
    await bed.settle()
    (one,) = await inbox(bed, role="manager")
    assert (one["rule"], one["body"]["en"]) == (
        "partner-suspended",
        "Partner acme is suspended: dispute.",
    )


async def test_everybody_reads_their_own_inbox(bed: Bed) -> None:
    await arrive(bed, (1, held("credit")))
    assert len(await inbox(bed, partner="acme")) == 1
    assert await inbox(bed, partner="rival") == []
    assert await inbox(bed, "?recipient=partner:acme", partner="rival") == []
    assert await inbox(bed, "?recipient=role:finance", partner="acme") == []
    assert len(await inbox(bed, role="finance")) == 1
    assert await inbox(bed, role="sales") == []
    assert len(await inbox(bed, "?recipient=partner:acme", role="sales")) == 1


async def test_history_tells_nobody(bed: Bed, tmp_path: Path) -> None:
    await arrive(bed, (1, held("credit")), late=timedelta(days=8_000))
    assert await inbox(bed, "?recipient=partner:acme") == []
    assert logged(tmp_path) == []


async def test_a_message_is_acknowledged_by_whom_it_was_for(bed: Bed) -> None:
    await arrive(bed, (1, held("credit")))
    (one,) = await inbox(bed, partner="acme")
    path = f"/v1/notifications/{one['notification_id']}/acknowledgement"
    foreign = await bed.post(path, partner="rival", expect=404)
    assert foreign["slug"] == "notification-not-found"
    await bed.post(path, role="auditor", expect=403)
    await bed.post(path, partner="acme", expect=200)
    (one,) = await inbox(bed, partner="acme")
    assert one["acknowledged_at"] is not None
    (other,) = await inbox(bed, role="finance")
    assert other["acknowledged_at"] is None


async def test_a_rebuilt_inbox_is_the_same_and_sends_nothing(bed: Bed, tmp_path: Path) -> None:
    await arrive(bed, (1, held("credit")), (2, released()))
    before, sent = await inbox(bed, partner="acme"), logged(tmp_path)
    await bed.platform.workers["notifications"].ports.views.rebuild("notifications.inbox")
    await bed.settle()
    assert await inbox(bed, partner="acme") == before
    assert logged(tmp_path) == sent


async def test_rules_are_data(bed: Bed) -> None:
    built_in = await bed.get(RULES, role="auditor")
    assert "order-held-credit" in {rule["rule_id"] for rule in built_in["items"]}
    assert {"order_id", "partner_id", "reasons"} <= {*built_in["facts"]["OrderHeld"]}
    first = await bed.post(RULES, MINE, expect=201)
    assert first["rule_version"] == 1
    silent = next(r for r in built_in["items"] if r["rule_id"] == "order-held-credit")
    del silent["version"]
    again = await bed.post(RULES, silent | {"enabled": False})
    assert again["rule_version"] == 2
    await arrive(bed, (1, held("credit")))
    assert await inbox(bed, partner="acme") == []
    await bed.get(RULES, partner="acme", expect=403)
    await bed.post(RULES, MINE, role="finance", expect=403)


@pytest.mark.parametrize(
    ("change", "slug"),
    [
        ({"on": "OrderDreamt"}, "rule-fact-unknown"),
        ({"body": {"zh": "{dreams}", "en": "x"}}, "rule-field-unknown"),
        ({"recipients": ["partner:rival"]}, "request-malformed"),
        ({"recipients": []}, "request-malformed"),
        ({"channels": ["pigeon"]}, "request-malformed"),
        ({"severity": "fatal"}, "request-malformed"),
        ({"max_age_days": 9_999}, "request-malformed"),
        ({"title": "x"}, "request-malformed"),
    ],
)
async def test_a_bad_rule_is_a_typed_problem(bed: Bed, change: dict[str, Any], slug: str) -> None:
    assert (await bed.post(RULES, MINE | change, expect=422))["slug"] == slug
