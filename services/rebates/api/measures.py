"""What operations should see of rebates."""

from services.rebates.api.history import Past
from services.rebates.api.sought import Sought
from services.rebates.domain.explanation import explained
from services.rebates.projections.accounts import ACCOUNTS
from shared.contracts.money import Money
from shared.kernel.codec import restored
from shared.kernel.ports import Query
from shared.runtime.context import Service

SAMPLE = 10


async def unexplained_cents(service: Service) -> float:
    """Cents of a sample of accounts that no payment explains; must be 0."""
    page = await service.read.find(ACCOUNTS.name, Query(limit=SAMPLE))
    cents = 0
    for row in page.documents:
        sought = Sought(row["programme_id"], row["partner_id"], row["period"], row["partition"])
        found = await Past(service.read, sought).one()
        told = explained(found.tally, found.slot).sum
        shown: Money = restored(row["entitlement"], Money)
        cents += abs(int((told - shown).amount * 100))
    return float(cents)
