"""The mdf context, as one value."""

from typing import get_args

from services.mdf.api import routes
from services.mdf.domain.accrual import ACCRUAL
from services.mdf.domain.claim import CLAIM
from services.mdf.domain.events import (
    ApprovalRulePublished,
    ClaimEvent,
    CollectionRecorded,
    EvidenceEvent,
    FundEvent,
    RequestEvent,
    TemplatePublished,
)
from services.mdf.domain.evidence import EVIDENCE
from services.mdf.domain.fund import FUND
from services.mdf.domain.published import RULE, TEMPLATE
from services.mdf.domain.request import REQUEST
from services.mdf.policies import POLICIES
from services.mdf.processes import PROCESSES
from services.mdf.projections import ALL
from services.mdf.timers import TIMERS
from shared.kernel.decider import Aggregate
from shared.kernel.delegations import LEARNT, learning
from shared.runtime.context import Context

CONTEXT = Context(
    name="mdf",
    aggregates=(
        Aggregate(name="fund", decider=FUND, facts=get_args(FundEvent)),
        Aggregate(name="request", decider=REQUEST, facts=get_args(RequestEvent)),
        Aggregate(name="claim", decider=CLAIM, facts=get_args(ClaimEvent)),
        Aggregate(name="evidence", decider=EVIDENCE, facts=get_args(EvidenceEvent)),
        Aggregate(name="accrual", decider=ACCRUAL, facts=(CollectionRecorded,)),
        Aggregate(name="template", decider=TEMPLATE, facts=(TemplatePublished,)),
        Aggregate(name="rule", decider=RULE, facts=(ApprovalRulePublished,)),
        LEARNT,
    ),
    projections=ALL,
    policies=(*POLICIES, learning("mdf")),
    processes=PROCESSES,
    timers=TIMERS,
    routes=routes,
)
