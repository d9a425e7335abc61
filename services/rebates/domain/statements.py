"""The facts of an account, written from where it stands."""

from decimal import Decimal
from typing import Any

from services.rebates.domain.commands import Assess, Settle
from services.rebates.domain.events import (
    AccountKey,
    RebateAccountOpened,
    RebateAdjustmentProposed,
    RebateTermsTaken,
)
from services.rebates.domain.standing import Standing, Step
from services.rebates.domain.terms import Tier
from shared.contracts.money import Money
from shared.contracts.rebates import (
    RebateAccrued,
    RebateAdjusted,
    RebateSettled,
    RebateTierReached,
)

NAMED = 1_000  # how many counted facts a settlement names one by one


def opened(command: Assess | Settle) -> RebateAccountOpened:
    key, first = command.key, command.first
    return RebateAccountOpened(
        programme_id=key.programme_id,
        version=first.version,
        partner_id=key.partner_id,
        period=key.period,
        values=key.values,
        currency=first.volume.currency,
        taken=command.taken,
        schedule=command.schedule,
    )


def terms_taken(command: Assess | Settle) -> RebateTermsTaken:
    return RebateTermsTaken(
        programme_id=command.key.programme_id,
        partner_id=command.key.partner_id,
        taken=command.taken,
        schedule=command.schedule,
    )


def accrued(command: Assess | Settle, step: Step, revision: int) -> RebateAccrued:
    now, tier = step.standing, step.standing.tier
    return RebateAccrued(
        **_head(command.key, now),
        entitlement=now.entitlement,
        revision=revision,
        cause=step.cause,
        threshold=Money(tier.threshold, now.volume.currency) if tier else None,
        rate=tier.rate if tier else Decimal(0),
        parts=now.parts,
        returned=now.returned,
        ledger_version=command.taken.ledger,
    )


def tier_reached(key: AccountKey, step: Step, tier: Tier) -> RebateTierReached:
    return RebateTierReached(
        **_head(key, step.standing),
        threshold=Money(tier.threshold, step.standing.volume.currency),
        rate=tier.rate,
        cause=step.cause,
    )


def settled(command: Settle) -> RebateSettled:
    return RebateSettled(
        **_head(command.key, command.due),
        amount=command.due.entitlement,
        number=1,
        reason=command.due.reason,
        counted=command.counted if len(command.counted) <= NAMED else (),
        ledger_version=command.taken.ledger,
    )


def adjusted(key: AccountKey, step: Step, change: Money, number: int) -> RebateAdjusted:
    return RebateAdjusted(
        **_head(key, step.standing),
        amount=change,
        number=number,
        reason=step.reason,
        counted=(step.cause,),
    )


def proposed(
    key: AccountKey, step: Step, change: Money, proposal: int
) -> RebateAdjustmentProposed:
    return RebateAdjustmentProposed(
        **_head(key, step.standing),
        amount=change,
        proposal=proposal,
        reason=step.reason,
        counted=(step.cause,),
    )


def approved(proposal: RebateAdjustmentProposed, number: int) -> RebateAdjusted:
    return RebateAdjusted(
        programme_id=proposal.programme_id,
        version=proposal.version,
        partner_id=proposal.partner_id,
        period=proposal.period,
        partition=proposal.partition,
        volume=proposal.volume,
        amount=proposal.amount,
        number=number,
        reason=proposal.reason,
        counted=proposal.counted,
        proposal=proposal.proposal,
    )


def standing_of(fact: RebateAccrued) -> Standing:
    """What `accrued` wrote down."""
    reached = fact.threshold
    return Standing(
        volume=fact.volume,
        entitlement=fact.entitlement,
        version=fact.version,
        tier=Tier(threshold=reached.amount, rate=fact.rate) if reached else None,
        parts=fact.parts,
        returned=fact.returned,
    )


def _head(key: AccountKey, now: Standing) -> dict[str, Any]:
    return {
        "programme_id": key.programme_id,
        "version": now.version,
        "partner_id": key.partner_id,
        "period": key.period,
        "partition": key.partition,
        "volume": now.volume,
    }
