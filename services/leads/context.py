"""The leads context, as one value."""

from typing import get_args

from services.leads.api import routes
from services.leads.claims import CLAIMS
from services.leads.domain.calendar import CALENDARS
from services.leads.domain.customer import CUSTOMER
from services.leads.domain.deals.events import (
    RegistrationEvent,
    RegistrationRulePublished,
    ScopeEvent,
)
from services.leads.domain.deals.registration import REGISTRATION
from services.leads.domain.deals.reviewing import REGISTRATION_RULE
from services.leads.domain.deals.scope import SCOPE
from services.leads.domain.events import (
    CalendarPublished,
    CustomerEvent,
    LeadEvent,
    LeadRulePublished,
    PartnerEvent,
    RotationEvent,
)
from services.leads.domain.handover.events import HandOverOrdered
from services.leads.domain.handover.ordering import HAND_OVER
from services.leads.domain.lead import LEAD
from services.leads.domain.ownership.claimant import CLAIMANT
from services.leads.domain.ownership.events import ClaimantEvent, PoolRulesPublished
from services.leads.domain.ownership.pool import POOL
from services.leads.domain.partner import PARTNER
from services.leads.domain.pipeline.events import OpportunityEvent, StageModelPublished
from services.leads.domain.pipeline.opportunity import OPPORTUNITY
from services.leads.domain.pipeline.stage_model import STAGE_MODEL
from services.leads.domain.rotation import ROTATION
from services.leads.domain.rule import RULE
from services.leads.policies import POLICIES
from services.leads.processes import PROCESSES
from services.leads.projections import PROJECTIONS
from services.leads.timers import TIMERS
from shared.kernel.decider import Aggregate
from shared.kernel.delegations import LEARNT, learning
from shared.runtime.context import Context

CONTEXT = Context(
    name="leads",
    aggregates=(
        Aggregate(name="customer", decider=CUSTOMER, facts=get_args(CustomerEvent)),
        Aggregate(name="lead", decider=LEAD, facts=get_args(LeadEvent)),
        Aggregate(name="rule", decider=RULE, facts=(LeadRulePublished,)),
        Aggregate(name="calendar", decider=CALENDARS, facts=(CalendarPublished,)),
        Aggregate(name="rotation", decider=ROTATION, facts=get_args(RotationEvent)),
        Aggregate(name="partner", decider=PARTNER, facts=get_args(PartnerEvent)),
        Aggregate(name="registration", decider=REGISTRATION, facts=get_args(RegistrationEvent)),
        Aggregate(
            name="approvalrule", decider=REGISTRATION_RULE, facts=(RegistrationRulePublished,)
        ),
        Aggregate(name="scope", decider=SCOPE, facts=get_args(ScopeEvent)),
        Aggregate(name="opportunity", decider=OPPORTUNITY, facts=get_args(OpportunityEvent)),
        Aggregate(name="stagemodel", decider=STAGE_MODEL, facts=(StageModelPublished,)),
        Aggregate(name="claimant", decider=CLAIMANT, facts=get_args(ClaimantEvent)),
        Aggregate(name="pool", decider=POOL, facts=(PoolRulesPublished,)),
        Aggregate(name="handover", decider=HAND_OVER, facts=(HandOverOrdered,)),
        LEARNT,
    ),
    projections=PROJECTIONS,
    policies=(*POLICIES, learning("leads")),
    processes=PROCESSES,
    timers=TIMERS,
    claims=CLAIMS,
    routes=routes,
)
