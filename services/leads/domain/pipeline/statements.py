"""The facts of an opportunity, as they are told."""

from decimal import Decimal

from services.leads.domain.pipeline.commands import (
    GiveFeedback,
    LoseOpportunity,
    OpenOpportunity,
    WinOpportunity,
)
from services.leads.domain.pipeline.events import FeedbackGiven
from services.leads.domain.pipeline.pursued import Pursued
from shared.contracts.calendar import business_day
from shared.contracts.leads import (
    OpportunityLost,
    OpportunityOpened,
    OpportunityStageChanged,
    OpportunityStallCleared,
    OpportunityStalled,
    OpportunityWon,
)
from shared.kernel.errors import Malformed


def opened(command: OpenOpportunity) -> OpportunityOpened:
    """What the request does not say, its lead does."""
    lead = command.found
    customer_id, region = command.customer_id or lead.customer_id, command.region or lead.region
    if customer_id is None or region is None:
        raise Malformed("opportunity-incomplete", "name its customer and region, or its lead")
    return OpportunityOpened(
        opportunity_id=command.opportunity_id,
        customer_id=customer_id,
        partner_id=command.partner_id or lead.partner_id,
        lead_id=command.lead_id,
        campaign=command.campaign or lead.campaign,
        region=region,
        product_line=command.product_line or lead.product_line,
        amount=command.amount,
        expected_close=command.expected_close,
        created_at=command.at,
    )


def changed(
    one: Pursued,
    before: str | None,
    category: str,
    probability: Decimal,
    stage: str | None = None,
) -> OpportunityStageChanged:
    about = one.about
    return OpportunityStageChanged(
        opportunity_id=about.opportunity_id,
        customer_id=about.customer_id,
        partner_id=about.partner_id,
        region=about.region,
        product_line=about.product_line,
        from_stage=before,
        stage=stage or one.now.stage,
        category=category,
        probability=probability,
        amount=one.amount,
        expected_close=one.expected_close,
        revision=one.revision + 1,
    )


def feedback(command: GiveFeedback, one: Pursued) -> FeedbackGiven:
    return FeedbackGiven(
        opportunity_id=one.opportunity_id,
        customer_id=one.about.customer_id,
        visit=one.now.number,
        given_at=command.at,
        note=command.note,
        next_action=command.next_action,
        next_on=command.next_on,
    )


def stalled(one: Pursued, level: str) -> OpportunityStalled:
    return OpportunityStalled(
        opportunity_id=one.opportunity_id,
        customer_id=one.about.customer_id,
        partner_id=one.about.partner_id,
        owner=one.owner,
        stage=one.now.stage,
        visit=one.now.number,
        entered_at=one.now.entered_at,
        level=level,
    )


def won(command: WinOpportunity, one: Pursued) -> OpportunityWon:
    about = one.about
    return OpportunityWon(
        opportunity_id=about.opportunity_id,
        customer_id=about.customer_id,
        partner_id=about.partner_id,
        lead_id=about.lead_id,
        campaign=about.campaign,
        region=about.region,
        product_line=about.product_line,
        amount=one.amount,
        margin=command.margin,
        created_at=about.created_at,
        won_on=command.won_on or business_day(command.at),
        reason=command.reason,
    )


def lost(command: LoseOpportunity, one: Pursued) -> OpportunityLost:
    about = one.about
    return OpportunityLost(
        opportunity_id=about.opportunity_id,
        customer_id=about.customer_id,
        partner_id=about.partner_id,
        region=about.region,
        product_line=about.product_line,
        amount=one.amount,
        lost_on=command.lost_on or business_day(command.at),
        reason=command.reason,
    )


def cleared(one: Pursued, *levels: str) -> list[OpportunityStallCleared]:
    """Those of the levels that were told and still hold."""
    over = [level for level in levels if level in one.now.standing]
    if not over:
        return []
    return [
        OpportunityStallCleared(
            opportunity_id=one.opportunity_id,
            customer_id=one.about.customer_id,
            partner_id=one.about.partner_id,
            visit=one.now.number,
            levels=tuple(over),
        )
    ]
