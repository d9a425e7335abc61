"""What the tests of leads over HTTP start from."""

from typing import Any

from shared.testing.platform import Bed

RULE = {
    "rule_id": "east",
    "priority": 1,
    "regions": ["east"],
    "weights": {"A": 2, "B": 1},
    "sla_hours": 4,
}
CONTACT = {"name": "王小明", "phone": "13800000000"}


async def enrol(bed: Bed, partner: str, **more: Any) -> None:
    body = {"partner_id": partner, "type": "agent", "level": "gold", "regions": ["east"]}
    await bed.post("/v1/partners", body | more, expect=201)
