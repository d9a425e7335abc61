"""N-01 and N-02 outside the house: digest, quiet hours, escalation, deliveries, the catalogue."""

import pytest

from services.notifications.tests.postoffice import FAILED, PostOffice
from shared.testing.platform import Bed
from tests.cases.test_notifications import enrolled, ordered

ENDPOINTS, DELIVERIES = "/v1/notifications/endpoints", "/v1/notifications/deliveries"
PREFERENCES = "/v1/notifications/preferences"
MAIL = {"endpoint_id": "p1-mail", "channel": "mail", "address": "pat@p1.example"}


@pytest.mark.case("N-01c", at="2026-01-05T22:00:00+08:00")
async def test_quiet_hours_and_digest(case: Bed, outside: PostOffice) -> None:
    """A hold wakes the partner at 22:00; what can wait comes as one digest in the morning."""
    await enrolled(case, "110000.00")
    await case.post(ENDPOINTS, MAIL, partner="p1", expect=201)
    await case.post(PREFERENCES, {"language": "en", "digest_at": "09:00"}, partner="p1")
    held = await ordered(case, "120000.00")
    first, second = await ordered(case, "10000.00"), await ordered(case, "20000.00")
    assert outside.at("pat@p1.example") == [f"Order {held} is held for credit"]
    await case.advance("2026-01-06T09:00:00+08:00")
    _, digest = outside.parcels
    assert digest.title == "2 notifications (order)"
    assert f"Order {first} is approved" in digest.body
    assert f"Order {second} is approved" in digest.body
    log = (await case.get(DELIVERIES, partner="p1"))["items"]
    assert sorted(one["digest"] or one["rule"] for one in log) == ["order", "order-held-credit"]
    await case.advance("2026-01-08T12:00:00+08:00")
    assert len(outside.at("pat@p1.example")) == 2


@pytest.mark.case("N-01d", at="2026-01-09T15:00:00+08:00")
async def test_a_hold_that_nobody_answers_goes_up(case: Bed, outside: PostOffice) -> None:
    """Finance on Friday at 15:00; the manager after 4 working hours; the director 8 later."""
    manager = {"endpoint_id": "managers", "channel": "wecom", "address": "robot-key"}
    await case.post(ENDPOINTS, manager, expect=201)
    await enrolled(case, "110000.00")
    order = await ordered(case, "120000.00")
    await case.advance("2026-01-12T09:59:00+08:00")
    assert outside.at("robot-key") == []
    await case.advance("2026-01-12T10:00:00+08:00")
    assert outside.at("robot-key") == [f"【升级】订单 {order} 因信用额度暂挂"]
    await case.advance("2026-01-13T09:00:00+08:00")
    (one,) = (await case.get("/v1/notifications", role="director"))["items"]
    assert (one["rule"], one["step"]) == ("order-held-credit", 3)


@pytest.mark.case("N-01e")
async def test_an_acknowledgement_stops_the_ladder(case: Bed) -> None:
    """Finance answers: neither manager nor director is told."""
    await enrolled(case, "110000.00")
    await ordered(case, "120000.00")
    (one,) = (await case.get("/v1/notifications", role="finance"))["items"]
    path = f"/v1/notifications/{one['notification_id']}/acknowledgement"
    await case.post(path, role="finance")
    await case.advance("2026-01-09T12:00:00+08:00")
    for role in ("manager", "director"):
        assert (await case.get(f"/v1/notifications?recipient=role:{role}"))["items"] == []


@pytest.mark.case("N-01f")
async def test_an_endpoint_that_fails_is_tried_again_and_sent_again(
    case: Bed, outside: PostOffice
) -> None:
    """One id in all tries; then it is dead and its endpoint disabled; and it is sent again."""
    await enrolled(case, "110000.00")
    outside.answers["pat@p1.example"] = FAILED
    await case.post(ENDPOINTS, MAIL, partner="p1", expect=201)
    await ordered(case, "120000.00")
    await case.advance("2026-01-08T12:00:00+08:00")
    (line,) = (await case.get(DELIVERIES, partner="p1"))["items"]
    assert (line["status"], len(line["attempts"])) == ("dead", 8)
    rules = {one["rule"] for one in (await case.get("/v1/notifications", partner="p1"))["items"]}
    assert "endpoint-disabled" in rules
    outside.answers.clear()
    await case.post(f"{ENDPOINTS}/p1-mail/enabling", partner="p1")
    path = f"{DELIVERIES}/{line['delivery_id']}"
    await case.post(f"{path}/redelivery", partner="p1", expect=200)
    await case.settle()
    assert (await case.get(path, partner="p1"))["status"] == "delivered"
    assert len(set(outside.ids())) == 1
    await case.get(path, partner="p2", expect=404)


@pytest.mark.case("N-02")
async def test_the_catalogue_of_what_is_told(case: Bed) -> None:
    """What users were promised to be told, by which rules, and what is missing; one at work."""
    catalogue = await case.get("/v1/notification-rules", role="auditor")
    rules = {one["rule_id"] for one in catalogue["items"]}
    assert len(catalogue["promised"]) == 10
    for promise in catalogue["promised"]:
        assert set(promise["rules"]) <= rules
        assert promise["rules"] or promise["missing"]
    await enrolled(case, "9000000.00")
    order = await ordered(case, "500000.01")
    (one,) = (await case.get("/v1/notifications", role="director"))["items"]
    assert (one["rule"], one["subject"]) == ("order-held-director", order)
