"""Notifications leave the house: queues, retries, the log, and what nobody may see."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.notifications.context import CONTEXT
from services.notifications.domain.outgoing.delivery import TRIES
from services.notifications.projections import DELIVERIES as DELIVERIES_VIEW
from services.notifications.tests.facts import NOW, held, on_the_bus, released
from services.notifications.tests.postoffice import FAILED, GONE, Town, data, town
from shared.contracts.ids import named
from shared.contracts.orders import OrderHeld
from shared.kernel.ports import Query
from shared.runtime.hiring import Hire, hire

ENDPOINTS, DELIVERIES = "/v1/notifications/endpoints", "/v1/notifications/deliveries"


@pytest.fixture
async def there(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as there:
        yield there


async def test_what_an_inbox_gets_goes_to_its_endpoints_too(there: Town) -> None:
    secret = (await there.endpoint("erp"))["secret"]
    await there.endpoint("rival", partner="rival")
    await there.arrive((1, held()))
    (one,) = there.post.parcels
    assert one.address == {"address": "to-erp", "secret": secret}
    step = "order-held-credit", "o-1", "1", "webhook", "partner:acme", 1, "erp"
    assert one.delivery_id == named(*step)
    told = data(one)
    assert told["type"] == "notification.raised"
    assert told["data"]["title"] == {
        "zh": "订单 o-1 因信用额度暂挂",
        "en": "Order o-1 is held for credit",
    }
    (line,) = await there.log(partner="acme")
    assert (line["status"], line["attempts"][0]["outcome"]) == ("delivered", "delivered")
    (inbox,) = (await there.bed.get("/v1/notifications", partner="acme"))["items"]
    assert inbox["deliveries"]["webhook"]["failed"] is None


async def test_the_same_fact_again_is_carried_once(there: Town) -> None:
    await there.endpoint("erp")
    await there.arrive((1, held()), (1, held()), (2, held("credit", "director-approval")))
    assert there.post.at("to-erp") == ["订单 o-1 因信用额度暂挂", "订单 o-1 待审批"]
    assert len(set(there.post.ids())) == len(there.post.ids())


async def test_what_failed_is_tried_again_under_the_same_id(there: Town) -> None:
    await there.endpoint("erp")
    there.post.answers["to-erp"] = FAILED
    await there.arrive((1, held()))
    (line,) = await there.log(partner="acme")
    assert (line["status"], line["reason"]) == ("waiting", "answer-refuses")
    del there.post.answers["to-erp"]
    await there.bed.advance(NOW + timedelta(minutes=1))
    (line,) = await there.log(partner="acme")
    assert line["status"] == "delivered"
    assert [one["status"] for one in line["attempts"]] == [500, 200]
    first, second = there.post.ids()
    assert first == second


async def test_after_all_tries_it_is_dead_and_the_owner_is_told(there: Town) -> None:
    await there.endpoint("erp")
    there.post.answers["to-erp"] = FAILED
    await there.arrive((1, held()))
    await there.bed.advance(NOW + timedelta(hours=40))
    (line,) = await there.log(partner="acme")
    assert (line["status"], len(line["attempts"]), len(there.post.parcels)) == (
        "dead",
        TRIES,
        TRIES,
    )
    (endpoint,) = (await there.bed.get(ENDPOINTS, partner="acme"))["items"]
    assert (endpoint["status"], endpoint["reason"]) == ("disabled", "failing")
    rules = [
        one["rule"] for one in (await there.bed.get("/v1/notifications", partner="acme"))["items"]
    ]
    assert rules == ["endpoint-disabled", "order-held-credit"]
    failed = await there.bed.platform.bus.fetch(["NotificationFailed"], after={}, limit=9)
    assert len(failed) == 1


async def test_a_disabled_endpoint_is_left_alone_and_its_log_says_why(there: Town) -> None:
    await there.endpoint("erp")
    await there.bed.post(f"{ENDPOINTS}/erp/disabling", partner="acme")
    await there.arrive((1, held()))
    (line,) = await there.log(partner="acme")
    assert (line["status"], line["reason"]) == ("dead", "endpoint-disabled")
    assert there.post.parcels == []
    await there.bed.post(f"{ENDPOINTS}/erp/enabling", partner="acme")
    path = f"{DELIVERIES}/{line['delivery_id']}/redelivery"
    await there.bed.post(path, partner="acme", expect=200)
    await there.bed.settle()
    (line,) = await there.log(partner="acme")
    assert (line["status"], len(there.post.parcels)) == ("delivered", 1)
    (inbox,) = (await there.bed.get("/v1/notifications", partner="acme"))["items"]
    assert inbox["deliveries"]["webhook"]["failed"] is None


async def test_operations_see_what_does_not_go_out(there: Town) -> None:
    await there.endpoint("gone")
    await there.endpoint("erp")
    there.post.answers |= {"to-gone": GONE, "to-erp": FAILED}
    await there.arrive((1, held()))
    figures = (await there.bed.http.get("/metrics")).text.splitlines()
    assert {
        "qudao_disabled_endpoints 1.0",
        "qudao_waiting_deliveries 1.0",
        "qudao_dead_deliveries 1.0",
    } <= {*figures}


async def test_whoever_says_gone_is_disabled_at_once(there: Town) -> None:
    await there.endpoint("erp")
    there.post.answers["to-erp"] = GONE
    await there.arrive((1, held()))
    (endpoint,) = (await there.bed.get(ENDPOINTS, partner="acme"))["items"]
    assert (endpoint["status"], endpoint["reason"]) == ("disabled", "gone")
    (line,) = await there.log(partner="acme")
    assert (line["status"], len(there.post.parcels)) == ("dead", 1)


async def test_a_slow_endpoint_keeps_no_other_waiting(there: Town) -> None:
    """Nor anything else: the platform goes on while it hangs."""
    await there.endpoint("slow")
    await there.endpoint("quick")
    there.post.slow["to-slow"] = asyncio.Event()
    orders = [held_of(n) for n in range(5)]
    await there.arrive(*enumerate(orders, start=1), settled=False)
    await until(there, lambda: len(there.post.at("to-quick")) == 5)
    assert len(there.post.at("to-slow")) == 1
    there.post.slow.pop("to-slow").set()
    await there.bed.settle()
    assert sorted(there.post.at("to-slow")) == sorted(there.post.at("to-quick"))


async def test_a_dead_endpoint_keeps_no_other_waiting(there: Town) -> None:
    await there.endpoint("dead")
    await there.endpoint("quick")
    there.post.answers["to-dead"] = FAILED
    await there.arrive(*enumerate([held_of(n) for n in range(5)], start=1))
    states = {one["endpoint_id"]: one["status"] for one in await there.log(partner="acme")}
    assert states == {"dead": "waiting", "quick": "delivered"}
    assert len(there.post.at("to-quick")) == 5


async def test_a_crash_between_carrying_and_recording_carries_again_under_the_same_id(
    there: Town,
) -> None:
    await there.endpoint("erp")
    there.post.slow["to-erp"] = asyncio.Event()
    await there.arrive((1, held()), settled=False)
    await until(there, lambda: len(there.post.parcels) == 1)
    worker = there.bed.platform.workers["notifications"]
    worker.close()  # as a process that ends: what was under way is recorded by nobody
    there.post.slow.clear()
    await there.bed.settle()
    first, second = there.post.ids()
    assert first == second
    (line,) = await there.log(partner="acme")
    assert (line["status"], len(line["attempts"])) == ("delivered", 1)


async def test_two_leads_for_a_moment_record_it_once(there: Town) -> None:
    await there.endpoint("erp")
    ports = there.bed.platform.workers["notifications"].ports
    leads = [await hire(CONTEXT, ports, Hire(alone=False)) for _ in range(2)]
    await ports.bus.publish([on_the_bus(held(), 1)])
    for _ in range(200):
        for lead in leads:
            await lead.sweep()
        await asyncio.sleep(0)
    page = await leads[0].service.read.find(DELIVERIES_VIEW.name, Query())
    (row,) = page.documents
    assert (row["status"], len(row["attempts"])) == ("delivered", 1)
    assert len(set(there.post.ids())) == 1


async def test_rebuilding_every_view_carries_nothing_again(there: Town) -> None:
    await there.endpoint("erp")
    await there.endpoint("broken")
    there.post.answers["to-broken"] = FAILED
    await there.arrive((1, held()), (2, released()))
    before, log = there.post.ids(), await there.log(partner="acme")
    assert len(before) == 4
    views = [one["view"] for one in (await there.bed.get("/v1/rebuilds"))["items"]]
    assert "notifications.deliveries" in views
    for view in views:
        await there.bed.post("/v1/rebuilds", role="operations", params={"view": view})
    await there.bed.settle()
    assert there.post.ids() == before
    assert await there.log(partner="acme") == log


async def test_everybody_sees_and_asks_for_their_own_deliveries(there: Town) -> None:
    await there.endpoint("erp")
    await there.arrive((1, held()))
    (line,) = await there.log(partner="acme")
    assert await there.log(partner="rival") == []
    assert await there.log("?recipient=partner:acme", partner="rival") == []
    assert await there.log("?endpoint_id=erp", partner="rival") == []
    assert len(await there.log("?endpoint_id=erp", role="auditor")) == 1
    path = f"{DELIVERIES}/{line['delivery_id']}"
    assert (await there.bed.get(path, partner="rival", expect=404))["slug"] == "delivery-not-found"
    refused = await there.bed.post(f"{path}/redelivery", partner="rival", expect=404)
    assert refused["slug"] == "delivery-not-found"
    await there.bed.post(f"{path}/redelivery", role="auditor", expect=403)
    await there.bed.post(f"{path}/redelivery", role="finance", expect=403)
    await there.bed.post(f"{path}/redelivery", role="operations", expect=200)
    missing = f"{DELIVERIES}/{named('nothing')}"
    await there.bed.get(missing, partner="acme", expect=404)
    await there.bed.post(f"{missing}/redelivery", partner="acme", expect=404)


async def test_no_address_and_no_secret_is_in_a_view_or_a_fact(there: Town) -> None:
    secret = (await there.endpoint("erp"))["secret"]
    await there.arrive((1, held()))
    seen = repr(await there.log(partner="acme"))
    seen += repr((await there.bed.get(ENDPOINTS, partner="acme"))["items"])
    store = there.bed.platform.workers["notifications"].ports.store
    seen += repr([one.data for _, one in await store.follow(after=0, limit=1_000)])
    assert (secret in seen, "to-erp" in seen) == (False, False)


async def until(there: Town, holds: Any) -> None:
    """Sweeps as the loop of a process does, a bounded number of times."""
    for _ in range(2_000):
        if holds():
            return
        await there.bed.platform.sweep()
        await asyncio.sleep(0.001)
    raise AssertionError("it never came about")


def held_of(n: int) -> OrderHeld:
    return OrderHeld(order_id=f"o-{n}", partner_id="acme", reasons=("credit",))
