"""What a context is left with when all was delivered, and whether the money in it is right."""

import json
from collections.abc import Callable, Sequence

from services.leads.domain.streams import partner
from services.orders.domain.streams import account_stream
from shared.kernel.ports import Record
from shared.runtime.worker import Worker
from tests.reliability.looking import Documents, documents, every
from tests.reliability.reckoning import collected_wrong, published, rebates_wrong
from tests.reliability.trade import PARTNERS

OURS = {"forecast.timers": {"set_by"}, "notifications.timers": {"set_by"}}
"""Names of our own facts: whichever came first set the timer."""
FIRST = {"fact_id", "occurred_at", "raised_at", "title", "body"}
NUMBERED = {"notification_id", "deliveries", "episode"}
"""An episode is told once, in the words of whichever of its facts was heard first, and what was
sent stays sent; where its rule does not name it, its number is that of the telling (subject.py).
"""
MONEY: dict[str, Callable[..., list[str]]] = {
    "rebates.accounts": rebates_wrong,
    "forecast.collected": collected_wrong,
}


async def left(worker: Worker) -> Documents:
    """All that is there in the end, and what was learnt where no view shows it."""
    found = await documents(worker, without=OURS)
    if inbox := found.get("notifications.inbox"):
        found["notifications.inbox"] = sorted(map(told_once, inbox))
    match worker.context.name:
        case "leads":
            known = [repr(await worker.service.read.fold(partner(one))) for one in PARTNERS]
            return found | {"knowledge of leads": known}
        case "orders":
            accounts = [await worker.service.read.fold(account_stream(one)) for one in PARTNERS]
            terms = [f"{one.limit_set} {one.known} {one.suspended}" for one in accounts]
            return found | {"knowledge of orders": terms}
    return found


def told_once(row: str) -> str:
    told = json.loads(row)
    hidden = FIRST | (NUMBERED if told["episode"].isdigit() else set())
    return json.dumps({n: v for n, v in told.items() if n not in hidden}, sort_keys=True)


async def money_wrong(worker: Worker, facts: Sequence[Record]) -> list[str]:
    """Of the views that it has, what an oracle makes otherwise of the records."""
    volumes = published(facts)
    return [
        wrong
        for view, judge in MONEY.items()
        if view in worker.projectors
        for wrong in judge(await every(worker, view), volumes)
    ]
