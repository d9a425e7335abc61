"""A complete registration is approved along the route that a rule made of it (ADR 0032)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Literal

from services.leads.domain.deals.commands import (
    ApproveRegistration,
    EscalateRegistration,
    PublishRegistrationRule,
    RejectRegistration,
)
from services.leads.domain.deals.events import (
    Details,
    RegistrationApproved,
    RegistrationCompleted,
    RegistrationEscalated,
    RegistrationEvent,
    RegistrationRulePublished,
    RegistrationVoted,
)
from services.leads.domain.deals.filed import Filed
from shared.contracts.approvals import Ballot, Escalation
from shared.contracts.leads import RegistrationRejected
from shared.contracts.money import Money
from shared.kernel import approvals
from shared.kernel.approvals import Rule, Step, Subject, TimeOut, Vote, checked
from shared.kernel.decider import Decider
from shared.kernel.errors import Refused

DEFAULT_RULE = Rule(
    id="registration",
    version=0,
    steps=(
        Step(
            name="channel-manager",
            mode="any",
            seats=("role:manager", "role:director", "role:operations"),
        ),
    ),
)
"""The channel manager decides, until somebody publishes another version."""


def completed(filed: Filed, rule: Rule, at: datetime) -> list[RegistrationEvent]:
    """The partner asks, whoever typed it; the version of the rule goes into the route."""
    subject = Subject(
        requester=filed.partner_id,
        amount=filed.details.estimated_amount or Money.zero("CNY"),
        fields=fields_of(filed.partner_id, filed.details),
    )
    route = approvals.route(rule, subject, at)
    complete = RegistrationCompleted(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        completed_at=at,
        route=route,
    )
    return [complete] if route.steps else [complete, approved(filed)]


def fields_of(partner_id: str, details: Details) -> dict[str, str]:
    told = {
        "partner_id": partner_id,
        "region": details.region,
        "product_line": details.product_line,
        "industry": details.industry,
    }
    return {name: value for name, value in told.items() if value}


def voted(
    command: ApproveRegistration | RejectRegistration, filed: Filed
) -> list[RegistrationEvent]:
    assert filed.approval is not None
    verdict: Literal["approve", "reject"] = (
        "approve" if isinstance(command, ApproveRegistration) else "reject"
    )
    vote = Vote(
        by=command.by,
        roles=command.roles,
        verdict=verdict,
        reason=command.reason,
        delegations=command.found,
        at=command.at,
    )
    ballot = approvals.decide(filed.approval, vote)
    assert isinstance(ballot, Ballot)
    after = approvals.evolve(filed.approval, ballot)
    fact = RegistrationVoted(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        ballot=ballot,
        due=after.due,
    )
    match after.outcome:
        case "approved":
            return [fact, approved(filed, command.by)]
        case "rejected":
            return [fact, rejected(filed, command.reason)]
        case _:
            return [fact]


def escalated(command: EscalateRegistration, filed: Filed) -> list[RegistrationEvent]:
    """Nobody left to ask: it is rejected."""
    approval = filed.approval
    if approval is None:
        return []
    told = TimeOut(step=approval.step, rung=approval.rung, at=command.at)
    entry = approvals.decide(approval, told)
    if not isinstance(entry, Escalation):
        return []
    after = approvals.evolve(approval, entry)
    fact = RegistrationEscalated(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        escalation=entry,
        due=after.due,
    )
    return [fact, rejected(filed, "lapsed")] if after.outcome == "lapsed" else [fact]


def approved(filed: Filed, by: str | None = None) -> RegistrationApproved:
    return RegistrationApproved(
        registration_id=filed.registration_id, partner_id=filed.partner_id, approved_by=by
    )


def rejected(filed: Filed, reason: str) -> RegistrationRejected:
    return RegistrationRejected(
        registration_id=filed.registration_id,
        partner_id=filed.partner_id,
        customer_id=filed.customer_id,
        product_line=filed.details.product_line or "",
        region=filed.details.region or "",
        project=filed.details.project,
        reason=reason,
    )


def publish(command: PublishRegistrationRule, before: Rule) -> Sequence[RegistrationRulePublished]:
    rule = replace(checked(command.rule), id=DEFAULT_RULE.id)
    if rule.version <= before.version:
        told = f"version {before.version} is published: a new one has a higher number"
        raise Refused("approval-rule-version-stale", told)
    return [RegistrationRulePublished(rule=rule)]


def known_rule(_: Rule, fact: RegistrationRulePublished) -> Rule:
    return fact.rule


REGISTRATION_RULE: Decider[PublishRegistrationRule, Rule, RegistrationRulePublished] = Decider(
    publish, known_rule, DEFAULT_RULE
)
