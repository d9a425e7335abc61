"""A13. An older backup is brought back: it is another life, and every view is folded anew for it.

What came after the backup is gone everywhere; what is asked again is done as if for the first
time, and what the views show is what was asked of this life, no more and no less.
"""

from collections import Counter
from contextlib import closing
from pathlib import Path
from shutil import rmtree
from typing import Any

import pytest

from shared.adapters.sqlite import SqliteStore, SqliteViews, backup, restore
from shared.testing.platform import Bed, platform
from tests.reliability.oracle import damage, facts_in, holes
from tests.reliability.serving import PROGRAMME, cny, order, payment
from tests.reliability.tally import Tally
from tests.reliability.tiers import trials

ROUNDS, BEFORE, AFTER = trials(3, 20), 20, 50
pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(trials(900, 3_600))]


async def told(bed: Bed, numbers: range) -> None:
    """Each an order of 100 and its payment."""
    for number in numbers:
        await bed.post("/v1/orders", order(number, "p0"), key=f"o{number}")
        await bed.post("/v1/payments", payment(number, "p0"), key=f"d{number}", role="finance")
    await bed.settle()


async def prepared(bed: Bed) -> None:
    head = {"partner_id": "p0", "type": "agent", "level": "gold"}
    await bed.post("/v1/partners", head, role="director")
    limit = {"limit": cny(100_000_000)}
    await bed.post("/v1/partners/p0/credit-limit", limit, role="director")
    await bed.post("/v1/rebates/programmes", PROGRAMME, role="director")


async def voided(folder: Path) -> tuple[str, list[str]]:
    """The life that a restored folder is in, and what of its views a start would still trust."""
    with closing(SqliteStore(folder / "orders.store.db", "OFF")) as store:
        life = store.incarnation
    with closing(SqliteViews(folder / "orders.views.db", "OFF")) as views:
        same = await views.belongs_to(life)
        places = await views.positions("orders.orders.v1.g1")
    return life, ["taken for the same life"] * same + [*places]


async def shown(bed: Bed) -> Counter[str]:
    found, cursor = Counter[str](), None
    while True:
        how = {"limit": 200} | ({"cursor": cursor} if cursor else {})
        page = await bed.get("/v1/orders", params=how)
        found.update(one["order_id"] for one in page["items"] if one["status"] == "approved")
        if (cursor := page["cursor"]) is None:
            return found


async def test_a_restored_backup_is_another_life_and_its_views_are_folded_anew(
    tmp_path: Path, tally: Tally
) -> None:
    data, lives, kept = tmp_path / "data", list[str](), set[int]()
    never: dict[str, list[Any]] = {
        "trusted": [],
        "views that differ": [],
        "not published": [],
        "stored otherwise": [],
        "holes": [],
    }
    data.mkdir()
    async with platform(data) as bed:
        await prepared(bed)
    for round_ in range(ROUNDS):
        begun = 1_000 * round_
        early, late = range(begun, begun + BEFORE), range(begun + BEFORE, begun + BEFORE + AFTER)
        async with platform(data) as bed:
            await told(bed, early)
            backup(data, tmp_path / "backup")
            await told(bed, late)
        rmtree(data)
        restore(tmp_path / "backup", data)
        rmtree(tmp_path / "backup")
        life, trusted = await voided(data)
        lives.append(life)
        never["trusted"] += trusted
        async with platform(data) as bed:
            await bed.settle()
            never["views that differ"] += await differing(bed, kept := kept | {*early})
            await told(bed, late[:5])  # of those that are gone
            never["views that differ"] += await differing(bed, kept := kept | {*late[:5]})
            ends = await bed.platform.bus.ends(["OrderSubmitted"])
        facts = facts_in(data / "orders.store.db")
        stored = [fact.envelope["data"] for fact in facts if "OrderSub" in fact.envelope["type"]]
        never["stored otherwise"] += {f"o{n}" for n in kept} ^ {one["order_id"] for one in stored}
        never["not published"] += range(len(stored) - sum(ends.values()))
        never["holes"] += [one for those in holes(facts).values() for one in those]
        never["holes"] += damage(data / "orders.store.db")
    tally(
        "A13 an older backup is brought back",
        {"rounds": ROUNDS},
        seen={"facts": len(facts), "orders": len(kept)},
        never=never | {"lives lived twice": [n for n, k in Counter(lives).items() if k > 1]},
    )


async def differing(bed: Bed, kept: set[int]) -> list[Any]:
    """Orders and money by what was asked, against what is shown."""
    wanted, paid = Counter(f"o{number}" for number in kept), 100 * len(kept)
    account = await bed.get("/v1/accounts/p0")
    rebates = await bed.get("/v1/rebates/accounts", params={"programme": "growth"})
    amounts = [one["volume"]["amount"] for one in rebates["items"]]
    found = await shown(bed)
    wrong: list[Any] = [*(found - wanted), *(wanted - found)]
    wrong += [account["received"]] * (account["received"] != cny(paid))
    return wrong + [amounts] * (amounts != [f"{paid}.00"])
