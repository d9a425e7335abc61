"""What the contexts answer when all is at rest: nobody sees another, and explanations sum up."""

import json
from collections.abc import Mapping
from typing import Any

from services.rebates.api.sought import Sought
from shared.runtime.http import Caller
from tests.reliability.simulation.desks import PARTNERS
from tests.reliability.simulation.doors import SERVING, get
from tests.reliability.simulation.oracle.told import ZERO, amount, never
from tests.reliability.simulation.world import World

LISTS = {
    "partners": ("/partners",),
    "leads": ("/leads", "/registrations"),
    "orders": ("/orders", "/payments", "/shipments"),
    "mdf": ("/mdf/funds", "/mdf/balances", "/mdf/requests", "/mdf/claims"),
    "rebates": ("/rebates/accounts", "/rebates/accounts/entries", "/rebates/accounts/proposals"),
}
MANAGER = Caller(issuer="sim", subject="manager", role="manager")
MOST = 200


async def isolated(world: World) -> int:
    """How many things partners found in their own lists."""
    seen = 0
    for partner in PARTNERS:
        who = Caller(issuer="sim", subject=partner, role="partner", partner_id=partner)
        for context, paths in LISTS.items():
            for path in paths:
                asked = {"asked": Sought()} if context == "rebates" else {}
                items = (await _get(world, context, path, who, **asked))["items"]
                text = json.dumps(items, default=str)
                foreign = [one for one in PARTNERS if one != partner and one in text]
                never(bool(foreign), f"{partner} sees {foreign} in {path}")
                seen += len(items)
    return seen


async def explained(world: World) -> int:
    """How many accounts were explained, to the cent."""
    accounts = await _get(
        world, "rebates", "/rebates/accounts", MANAGER, asked=Sought(), limit=MOST
    )
    for account in accounts["items"]:
        asked = Sought(
            programme=account["programme_id"],
            partner=account["partner_id"],
            period=account["period"],
            partition=account["partition"],
        )
        why = await _get(world, "rebates", "/rebates/accounts/explanation", MANAGER, asked=asked)
        _sums(account, why)
    return len(accounts["items"])


def _sums(account: Mapping[str, Any], why: Mapping[str, Any]) -> None:
    earned, volume = amount(account["entitlement"]), amount(account["volume"])
    leaves = sum((amount(leaf["amount"]) for leaf in why["leaves"]), ZERO)
    whole = sum((amount(leaf["volume"]) for leaf in why["leaves"]), ZERO)
    never(leaves != earned, f"{account} is explained as {leaves}")
    never(whole != volume, f"{account} is explained by a volume of {whole}")
    never(amount(why["sum"]) != earned, f"{account} is said to sum to {why['sum']}")


async def _get(world: World, context: str, path: str, who: Caller, **asked: Any) -> dict[str, Any]:
    worker = world.process(context, 0).worker
    assert worker is not None
    SERVING.set(worker.service)
    return await get(path, who, **asked)
