"""What the streams of leads are called."""

from services.leads.domain.names import Company
from shared.contracts.ids import named

CALENDAR = "leads.calendar-business"
"""One stream for every working calendar: the one published last is in use."""


def lead(lead_id: str) -> str:
    return f"leads.lead-{lead_id}"


def customer(customer_id: str) -> str:
    return f"leads.customer-{customer_id}"


def rule(rule_id: str) -> str:
    return f"leads.rule-{rule_id}"


def rotation(rule_id: str) -> str:
    return f"leads.rotation-{rule_id}"


def partner(partner_id: str) -> str:
    return f"leads.partner-{partner_id}"


def opportunity(opportunity_id: str) -> str:
    return f"leads.opportunity-{opportunity_id}"


def stage_model(model_id: str) -> str:
    return f"leads.stagemodel-{model_id}"


POOL = "leads.pool-public"


def claimant(user: str) -> str:
    """A user's id may be anything."""
    return f"leads.claimant-{named(user)}"


REGISTRATION_RULE = "leads.approvalrule-registration"


def hand_over(hand_over_id: str) -> str:
    return f"leads.handover-{hand_over_id}"


def registration(registration_id: str) -> str:
    return f"leads.registration-{registration_id}"


def scope(customer_id: str, product_line: str, region: str) -> str:
    """It spans partners, so it has a stream of its own."""
    return f"leads.scope-{named(customer_id, product_line, region)}"


def customer_for(company: Company, otherwise: object) -> str:
    """A firm with a 统一社会信用代码 is one customer: the code names the stream."""
    parts = (company.uscc,) if company.uscc else ("of", otherwise)
    return str(named("customer", *parts))
