"""The rebates context, as one value."""

from services.rebates.api import routes
from services.rebates.api.measures import unexplained_cents
from services.rebates.domain.account import ACCOUNT
from services.rebates.domain.ledger import LEDGER
from services.rebates.domain.partner import PARTNER
from services.rebates.domain.programme import PROGRAMME
from services.rebates.policies import WHEN_LEVELLED_RECORD_LEVEL, WHEN_PAID_RECORD_BASIS
from services.rebates.processes import KEEP_ACCOUNTS
from services.rebates.projections.accounts import ACCOUNTS
from services.rebates.projections.entries import ENTRIES, PROPOSALS
from services.rebates.projections.sources import LEDGERS, PROGRAMMES
from services.rebates.timers import SETTLEMENT
from shared.runtime.context import Context

CONTEXT = Context(
    name="rebates",
    aggregates=(PROGRAMME, LEDGER, PARTNER, ACCOUNT),
    projections=(ACCOUNTS, ENTRIES, PROPOSALS, PROGRAMMES, LEDGERS),
    policies=(WHEN_PAID_RECORD_BASIS, WHEN_LEVELLED_RECORD_LEVEL),
    processes=(KEEP_ACCOUNTS,),
    timers=SETTLEMENT,
    routes=routes,
    gauges={"unexplained_cents": unexplained_cents},
)
