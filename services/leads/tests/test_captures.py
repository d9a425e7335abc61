"""Leads from the inbound topic: registered once, or rejected visibly."""

import json
from typing import Any

import pytest

from services.leads.tests.asking import CONTACT
from shared.kernel.ports import Record
from shared.testing.platform import Bed


async def inbox(bed: Bed, event_id: str, **data: Any) -> None:
    claim = {
        "capture_id": "cap-1",
        "source": "campaign",
        "company": "华东重工设备有限公司",
        "contact": CONTACT,
        "region": "east",
        "industry": "steel",
        "captured_at": "2026-01-05T08:00:00+08:00",
    }
    event = {
        "specversion": "1.0",
        "id": event_id,
        "source": "/shop",
        "type": "LeadCaptured",
        "data": {name: value for name, value in (claim | data).items() if value is not None},
    }
    await bed.platform.bus.publish([Record("LeadCaptured", "k", json.dumps(event).encode())])
    await bed.settle()


async def rejected(bed: Bed) -> list[dict[str, str]]:
    found = await bed.platform.bus.fetch(["LeadCaptured.rejected"], after={}, limit=100)
    return [dict(delivery.record.headers) for delivery in found]


async def test_a_capture_is_registered_once(bed: Bed) -> None:
    await inbox(bed, "e1")
    await inbox(bed, "e1")
    await inbox(bed, "e2")
    shown = await bed.get("/v1/leads/cap-1")
    assert (shown["status"], shown["contact"]) == ("offered", CONTACT)
    assert shown["captured_at"] == "2026-01-05T00:00:00Z"
    assert shown["customer_name"] == "华东重工设备有限公司"
    assert await rejected(bed) == []
    await inbox(bed, "e3", region="west")
    await inbox(bed, "e4", company="华东重工机械有限公司")
    assert [one["qudao-slug"] for one in await rejected(bed)] == ["lead-exists"] * 2


@pytest.mark.parametrize(
    ("wrong", "slug"),
    [
        ({"uscc": "123"}, "uscc-invalid"),
        ({"source": "gossip"}, "source-unknown"),
        ({"company": "——"}, "company-nameless"),
        ({"industry": ""}, "claim-malformed"),
        ({"captured_at": "2026-01-05T08:00:00"}, "claim-malformed"),
        ({"region": None}, "claim-malformed"),
        ({"estimated_amount": {"amount": "-5", "currency": "CNY"}}, "claim-malformed"),
    ],
)
async def test_a_wrong_capture_is_rejected_visibly(
    bed: Bed, wrong: dict[str, str], slug: str
) -> None:
    await inbox(bed, "e1", **wrong)
    assert [one["qudao-slug"] for one in await rejected(bed)] == [slug]
    assert (await bed.get("/v1/leads"))["items"] == []
