"""The orders context, as one value."""

from typing import get_args

from services.orders.api import routes
from services.orders.claims import CLAIMS
from services.orders.domain.account import ACCOUNT
from services.orders.domain.approval.approving import RULE
from services.orders.domain.approval.events import (
    OrderRulePublished,
)
from services.orders.domain.events import (
    AccountEvent,
    OrderEvent,
    ReceiptEvent,
)
from services.orders.domain.order import ORDER
from services.orders.domain.receipt import RECEIPT
from services.orders.policies import POLICIES
from services.orders.processes import PROCESSES
from services.orders.projections import ORDERS, PAYMENTS, SHIPMENTS
from services.orders.timers import TIMERS
from shared.kernel.decider import Aggregate
from shared.kernel.delegations import LEARNT, learning
from shared.runtime.context import Context

CONTEXT = Context(
    name="orders",
    aggregates=(
        Aggregate(name="order", decider=ORDER, facts=get_args(OrderEvent)),
        Aggregate(name="approvalrule", decider=RULE, facts=(OrderRulePublished,)),
        Aggregate(name="receipt", decider=RECEIPT, facts=get_args(ReceiptEvent)),
        Aggregate(name="account", decider=ACCOUNT, facts=get_args(AccountEvent)),
        LEARNT,
    ),
    projections=(ORDERS, PAYMENTS, SHIPMENTS),
    policies=(*POLICIES, learning("orders")),
    processes=PROCESSES,
    timers=TIMERS,
    claims=CLAIMS,
    routes=routes,
    waiting=(
        ("orders.payments", ("status", "eq", "waiting")),
        ("orders.shipments", ("status", "eq", "waiting")),
    ),
)
