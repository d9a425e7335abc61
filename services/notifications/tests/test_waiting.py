"""What waits: for the end of quiet hours, for a digest, for somebody to answer."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest

from services.notifications.tests.facts import held, released
from services.notifications.tests.postoffice import FAILED, Town, town
from shared.contracts.event import Event
from shared.contracts.money import Money
from shared.contracts.orders import OrderRejected, PaymentReceived

NIGHT = "2026-01-05T23:00:00+08:00"
ENDPOINTS = "/v1/notifications/endpoints"


@pytest.fixture
async def day(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as there:
        yield there


@pytest.fixture
async def night(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path, NIGHT) as there:
        yield there


def rejected(order_id: str = "o-1") -> Event:
    return OrderRejected(order_id=order_id, partner_id="acme", reason="price")


async def test_at_night_what_can_wait_waits_and_says_so(night: Town) -> None:
    await night.endpoint("pat", "mail")
    await night.arrive((1, rejected()))
    (line,) = await night.log(partner="acme")
    assert (line["status"], line["reason"]) == ("waiting", "quiet-hours")
    assert line["until"] == "2026-01-06T00:00:00Z"
    assert night.post.parcels == []
    await night.bed.advance("2026-01-06T07:59:00+08:00")
    assert night.post.parcels == []
    await night.bed.advance("2026-01-06T08:00:00+08:00")
    assert night.post.at("to-pat") == ["订单 o-1 被拒绝"]


async def test_what_is_critical_wakes_people(night: Town) -> None:
    await night.endpoint("pat", "mail")
    await night.arrive((1, held()))
    assert night.post.at("to-pat") == ["订单 o-1 因信用额度暂挂"]


async def test_machines_do_not_sleep(night: Town) -> None:
    await night.endpoint("erp")
    await night.prefer(digest_at="09:00")
    await night.arrive((1, rejected()))
    assert night.post.at("to-erp") == ["订单 o-1 被拒绝"]


async def test_a_retry_keeps_quiet_too(day: Town) -> None:
    await day.endpoint("pat", "mail")
    day.post.answers["to-pat"] = FAILED
    await day.bed.advance("2026-01-05T20:40:00+08:00")
    await day.arrive((1, rejected()))
    await day.bed.advance("2026-01-06T07:00:00+08:00")
    before = len(day.post.parcels)
    (line,) = await day.log(partner="acme")
    assert (before > 1, line["reason"]) == (True, "quiet-hours")
    del day.post.answers["to-pat"]
    await day.bed.advance("2026-01-06T08:00:00+08:00")
    assert len(day.post.parcels) == before + 1


async def test_asked_for_by_a_person_it_goes_at_once(night: Town) -> None:
    await night.endpoint("pat", "mail")
    await night.arrive((1, rejected()))
    (line,) = await night.log(partner="acme")
    path = f"/v1/notifications/deliveries/{line['delivery_id']}/redelivery"
    await night.bed.post(path, partner="acme", expect=200)
    await night.bed.settle()
    assert len(night.post.parcels) == 1
    await night.bed.advance("2026-01-06T09:00:00+08:00")
    assert len(night.post.parcels) == 1


async def test_a_digest_is_one_delivery_for_each_kind_of_thing(day: Town) -> None:
    await day.endpoint("pat", "mail")
    await day.prefer(digest_at="17:00", language="en")
    await day.arrive((1, rejected("o-1")), (2, rejected("o-2")), (3, paid()))
    assert day.post.parcels == []
    await day.bed.advance("2026-01-05T17:00:00+08:00")
    assert sorted(day.post.at("to-pat")) == [
        "1 notifications (payment)",
        "2 notifications (order)",
    ]
    (orders,) = [one for one in day.post.parcels if "order" in one.title]
    assert "Order o-1 is rejected" in orders.body
    assert "Order o-2 is rejected" in orders.body
    sent = await day.bed.platform.bus.fetch(["NotificationSent"], after={}, limit=100)
    mailed = [one for one in sent if b'"mail"' in one.record.value]
    assert len(mailed) == 3
    await day.arrive((4, rejected("o-3")))
    await day.bed.advance("2026-01-06T17:00:00+08:00")
    assert len(set(day.post.ids())) == 3


async def test_what_is_critical_is_in_no_digest(day: Town) -> None:
    await day.endpoint("pat", "mail")
    await day.prefer(digest_at="17:00")
    await day.arrive((1, held()))
    assert day.post.at("to-pat") == ["订单 o-1 因信用额度暂挂"]


async def test_only_what_is_grave_enough_goes_there(day: Town) -> None:
    await day.endpoint("pat", "mail", least="critical")
    await day.arrive((1, rejected()), (2, held()))
    assert day.post.at("to-pat") == ["订单 o-1 因信用额度暂挂"]


async def test_everybody_is_told_in_their_language(day: Town) -> None:
    await day.endpoint("zh", "mail")
    await day.endpoint("en", "wecom", partner=None)
    await day.bed.post("/v1/notifications/preferences", {"language": "en"}, role="finance")
    await day.arrive((1, held()))
    assert day.post.at("to-zh") == ["订单 o-1 因信用额度暂挂"]
    assert day.post.at("to-en") == ["Order o-1 is held for credit"]


async def told(town: Town, role: str) -> list[str]:
    page = await town.bed.get("/v1/notifications", role=role)
    return [one["title"]["en"] for one in page["items"]]


async def test_what_nobody_answers_goes_up_after_four_and_eight_working_hours(day: Town) -> None:
    await day.endpoint("boss", "mail", partner=None, recipient=None)
    await day.arrive((1, held()))
    await day.bed.advance("2026-01-05T12:59:59+08:00")
    assert await told(day, "manager") == []
    await day.bed.advance("2026-01-05T13:00:00+08:00")
    assert await told(day, "manager") == ["Escalated: Order o-1 is held for credit"]
    await day.bed.advance("2026-01-06T11:59:59+08:00")
    assert await told(day, "director") == []
    await day.bed.advance("2026-01-06T12:00:00+08:00")
    assert await told(day, "director") == ["Escalated: Order o-1 is held for credit"]
    await day.bed.advance("2026-01-20T12:00:00+08:00")
    assert len(await told(day, "director")) == 1


async def test_an_answer_stops_it(day: Town) -> None:
    await day.arrive((1, held()))
    (one,) = (await day.bed.get("/v1/notifications", role="finance"))["items"]
    path = f"/v1/notifications/{one['notification_id']}/acknowledgement"
    await day.bed.post(path, role="finance")
    await day.bed.advance("2026-01-08T12:00:00+08:00")
    assert await told(day, "manager") == []


async def test_what_is_over_goes_up_no_further(day: Town) -> None:
    await day.arrive((1, held()))
    await day.bed.advance("2026-01-05T14:00:00+08:00")
    await day.arrive((2, released()))
    await day.bed.advance("2026-01-08T12:00:00+08:00")
    assert (len(await told(day, "manager")), await told(day, "director")) == (1, [])


async def test_whoever_it_goes_up_to_is_told_outside_too(day: Town) -> None:
    body = {"endpoint_id": "m", "channel": "feishu", "address": "to-m"}
    await day.bed.post(ENDPOINTS, body, role="manager", expect=201)
    await day.arrive((1, held()))
    await day.bed.advance("2026-01-05T14:00:00+08:00")
    assert day.post.at("to-m") == ["【升级】订单 o-1 因信用额度暂挂"]


async def test_a_secret_is_replaced_with_a_day_of_both(day: Town) -> None:
    first = (await day.endpoint("erp"))["secret"]
    again = await day.bed.post(f"{ENDPOINTS}/erp/secret", partner="acme", key="k", expect=201)
    same = await day.bed.post(f"{ENDPOINTS}/erp/secret", partner="acme", key="k", expect=201)
    assert (again["secret"] == first, again["secret"] == same["secret"]) == (False, True)
    await day.arrive((1, held()))
    assert day.post.parcels[0].address["secret"] == again["secret"]
    assert day.post.parcels[0].address["previous"] == first
    await day.bed.advance(day.bed.platform.clock() + timedelta(hours=24))
    await day.arrive((2, replace(held(), order_id="o-2")))
    assert "previous" not in day.post.parcels[-1].address


async def test_endpoints_are_ones_own(day: Town) -> None:
    await day.endpoint("erp")
    body = {"endpoint_id": "erp", "channel": "mail", "address": "to-x"}
    refused = await day.bed.post(ENDPOINTS, body, partner="rival", expect=409)
    assert refused["slug"] == "endpoint-exists"
    theirs = body | {"endpoint_id": "x", "recipient": "partner:acme"}
    await day.bed.post(ENDPOINTS, theirs, partner="rival", expect=404)
    await day.bed.post(ENDPOINTS, theirs, role="sales", expect=403)
    await day.bed.post(ENDPOINTS, theirs, role="operations", expect=201)
    await day.bed.post(f"{ENDPOINTS}/erp/disabling", partner="rival", expect=404)
    await day.bed.post(f"{ENDPOINTS}/none/disabling", partner="rival", expect=404)
    await day.bed.post(f"{ENDPOINTS}/erp/secret", role="finance", expect=403)
    assert (await day.bed.get(f"{ENDPOINTS}?recipient=partner:acme", partner="rival"))[
        "items"
    ] == []
    bad = body | {"endpoint_id": "y", "address": "forbidden"}
    await day.bed.post(ENDPOINTS, bad, partner="acme", expect=422)


@pytest.mark.parametrize(
    "nonsense",
    [
        {"zone": "Asia/Atlantis"},
        {"zone": "../etc/passwd"},
        {"quiet": {"begin": "9", "end": "10"}},
        {"quiet": {"begin": "09:00", "end": "09:00"}},
        {"digest_at": "24:00"},
        {"language": "tlh"},
        {"colour": "red"},
    ],
)
async def test_preferences_that_nobody_can_have_are_refused(
    day: Town, nonsense: dict[str, object]
) -> None:
    path = "/v1/notifications/preferences"
    await day.bed.post(path, nonsense, partner="acme", expect=422)
    assert (await day.bed.get(path, partner="acme"))["quiet_from"] == "21:00"


def paid() -> PaymentReceived:
    return PaymentReceived(
        payment_id=UUID(int=1),
        source_system="bank",
        document_no="B-1",
        partner_id="acme",
        amount=Money(Decimal("10"), "CNY"),
        paid_on=date(2026, 1, 5),
        revision=1,
        allocations=(),
        unallocated=Money(Decimal("10"), "CNY"),
    )
