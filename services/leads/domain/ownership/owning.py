"""What becomes of a customer's ownership: activity, silence, the pool, a claim, a hand-over."""

from datetime import timedelta

from services.leads.domain.ownership.commands import (
    AssignCustomer,
    ClaimCustomer,
    ConfirmClaim,
    DropClaim,
    NoticeSilence,
    OwnershipCommand,
    RecordActivity,
    ReleaseCustomer,
    TransferCustomer,
)
from services.leads.domain.ownership.events import (
    ActivityRecorded,
    ClaimDropped,
    ClaimRequested,
    OwnershipEvent,
)
from services.leads.domain.ownership.holding import RELEASED, REMINDED, Holding
from shared.contracts.leads.customers import (
    CustomerAssigned,
    CustomerClaimed,
    CustomerDisputed,
    CustomerReleased,
    CustomerSilenceNoticed,
)
from shared.kernel.errors import Refused


def own(
    command: OwnershipCommand, customer_id: str, region: str, holding: Holding
) -> list[OwnershipEvent]:
    match command:
        case RecordActivity():
            return recorded(command, customer_id, holding)
        case NoticeSilence():
            return noticed(command, customer_id, holding)
        case ReleaseCustomer():
            return released(command, customer_id, region, holding)
        case ClaimCustomer():
            return [claimed(command, customer_id, holding)]
        case ConfirmClaim() | DropClaim():
            return decided(command, customer_id, holding)
        case AssignCustomer() | TransferCustomer():
            return assigned(command, customer_id, holding)


def recorded(command: RecordActivity, customer_id: str, holding: Holding) -> list[OwnershipEvent]:
    if command.happened > command.at:
        raise Refused("activity-future", "an activity is recorded once it has happened")
    activity = ActivityRecorded(
        customer_id=customer_id,
        kind=command.kind,
        happened_at=command.happened,
        by=command.by,
        effective=command.effective,
        note=command.note,
        next_action=command.next_action,
        next_on=command.next_on,
        silent_since=command.happened if kept(command, holding) else None,
    )
    return [activity, *regained(command, customer_id, holding)]


def kept(command: RecordActivity, holding: Holding) -> bool:
    """The owner has it for longer than before."""
    since = holding.since if holding.owner else None
    return command.effective and since is not None and command.happened > since


def regained(
    command: RecordActivity, customer_id: str, holding: Holding
) -> list[CustomerAssigned | CustomerDisputed]:
    """To who would not have lost it until now, had this been known in time."""
    loss = holding.lost_by(command.by, command.happened)
    if loss is None or not command.effective or holding.disputed_by:
        return []
    last = loss.kept_by(command.happened)
    if last + RELEASED <= command.at:
        return []
    if holding.holder:
        return [
            CustomerDisputed(
                customer_id=customer_id,
                owner=holding.holder,
                claimant=loss.owner,
                last_activity=last,
            )
        ]
    return [
        CustomerAssigned(
            customer_id=customer_id,
            owner=loss.owner,
            last_activity=last,
            reason="restored",
        )
    ]


def noticed(command: NoticeSilence, customer_id: str, holding: Holding) -> list[OwnershipEvent]:
    owner, since = holding.owner, holding.since
    if owner is None or since is None or holding.noticed or command.at < since + REMINDED:
        return []
    return [
        CustomerSilenceNoticed(
            customer_id=customer_id,
            owner=owner,
            last_activity=since,
            release_at=since + RELEASED,
        )
    ]


def released(
    command: ReleaseCustomer, customer_id: str, region: str, holding: Holding
) -> list[OwnershipEvent]:
    owner, since = holding.owner, holding.since
    if owner is None or since is None or command.at < since + RELEASED:
        return []
    return [
        CustomerReleased(customer_id=customer_id, owner=owner, region=region, last_activity=since)
    ]


def claimed(command: ClaimCustomer, customer_id: str, holding: Holding) -> ClaimRequested:
    if not command.found.claims:
        raise Refused("claim-closed", "customers of the pool are assigned by a supervisor")
    if not holding.pooled or holding.claimant:
        raise Refused("customer-not-in-pool", "it is not in the public pool, or not any more")
    loss, wait = holding.loss, timedelta(days=command.found.cool_down_days)
    if loss and loss.owner == command.claimant and command.at < loss.at + wait:
        told = f"who lost it may claim it again from {(loss.at + wait).isoformat()}"
        raise Refused("customer-cooling-down", told)
    return ClaimRequested(
        customer_id=customer_id,
        claimant=command.claimant,
        claims_a_day=command.found.claims_a_day,
    )


def decided(
    command: ConfirmClaim | DropClaim, customer_id: str, holding: Holding
) -> list[OwnershipEvent]:
    if holding.claimant != command.claimant:
        return []
    if isinstance(command, DropClaim):
        return [ClaimDropped(customer_id=customer_id, claimant=command.claimant)]
    return [
        CustomerClaimed(
            customer_id=customer_id,
            owner=command.claimant,
            previous=holding.loss.owner if holding.loss else None,
            claimed_at=command.at,
        )
    ]


def assigned(
    command: AssignCustomer | TransferCustomer, customer_id: str, holding: Holding
) -> list[OwnershipEvent]:
    """By a supervisor, who also ends a dispute; or by a hand-over. The new owner's time begins."""
    over = isinstance(command, TransferCustomer)
    if isinstance(command, TransferCustomer) and holding.owner != command.previous:
        return []
    if not over and holding.owner == command.owner and holding.disputed_by is None:
        raise Refused("customer-assigned", f"it is {command.owner}'s already")
    return [
        CustomerAssigned(
            customer_id=customer_id,
            owner=command.owner,
            previous=holding.owner or (holding.loss.owner if holding.loss else None),
            last_activity=command.at,
            reason="handed-over" if over else "assigned",
        )
    ]
