"""What leads publishes is keyed by its partner, or by its stream where it has none."""

import json
from typing import Any

from shared.testing.platform import Bed


async def test_an_opportunity_without_a_partner_is_keyed_by_its_stream(bed: Bed) -> None:
    where = {"name": "示例客户", "region": "east", "industry": "steel"}
    customer = (await bed.post("/v1/customers", where, expect=201))["customer_id"]
    body = {"customer_id": customer, "region": "east"}
    money = {"amount": {"amount": "1.00", "currency": "CNY"}}
    await bed.post("/v1/opportunities", {"opportunity_id": "o-1", **body, **money}, expect=201)
    more: dict[str, Any] = {"opportunity_id": "o-2", "partner_id": "A"}
    await bed.post("/v1/opportunities", more | body | money, expect=201)
    await bed.settle()
    found = await bed.platform.bus.fetch(["OpportunityStageChanged"], after={}, limit=100)
    keys = {json.loads(one.record.value)["subject"]: one.record.key for one in found}
    assert keys == {
        "leads.opportunity-o-1": "leads.opportunity-o-1",
        "leads.opportunity-o-2": "A",
    }
