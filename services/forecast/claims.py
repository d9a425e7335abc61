"""What other systems report: the stock on partners' shelves."""

from collections.abc import Iterable
from typing import Any

from services.forecast.domain.commands import RecordStock
from services.forecast.domain.stock import stock_stream
from shared.contracts.inbound import StockReported
from shared.kernel.claim import Claim, Claimed
from shared.kernel.policy import Asked, Read
from shared.kernel.ports import People


async def report(
    claim: StockReported, claimed: Claimed, read: Read, people: People
) -> Iterable[Asked]:
    command = RecordStock(
        partner_id=claim.partner_id,
        region=claim.region,
        product_line=claim.product_line,
        sku=claim.sku,
        since=claim.since,
        until=claim.until,
        opening=claim.opening,
        sell_in=claim.sell_in,
        sell_through=claim.sell_through,
        on_hand=claim.on_hand,
        at=claimed.at,
    )
    return [(stock_stream(claim.partner_id, claim.product_line, claim.sku), command)]


CLAIMS: tuple[Claim[Any], ...] = (Claim(fact=StockReported, react=report),)
