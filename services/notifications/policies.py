"""What others tell, noted with the subject it is about."""

from collections.abc import Iterable
from datetime import timedelta

from services.notifications.domain.commands import NoteOccurrence
from services.notifications.domain.hearing import heard
from services.notifications.domain.rule import OLDEST
from services.notifications.domain.rulebook import RULES
from services.notifications.domain.subject import subject_stream
from shared.contracts.event import Envelope, Event
from shared.contracts.forecast import (
    AttainmentMeasured,
    ChannelOverstocked,
    SalesAnomalyDetected,
    StockBelowSafety,
    StockRestored,
    TargetSet,
)
from shared.contracts.leads import (
    DealExpiryAnnounced,
    DealProtectionEnded,
    DealRegistered,
    LeadAccepted,
    LeadAssigned,
    LeadDeclined,
    LeadReleased,
    OpportunityStageChanged,
    OpportunityStallCleared,
    OpportunityStalled,
    RegistrationRejected,
)
from shared.contracts.leads.customers import (
    CustomerDisputed,
    CustomerReleased,
    CustomerSilenceNoticed,
)
from shared.contracts.mdf import (
    MdfApproved,
    MdfCarriedOver,
    MdfClaimApproved,
    MdfClaimed,
    MdfExpired,
    MdfFundAllocated,
    MdfPaid,
    MdfRejected,
    MdfReleased,
    MdfRequested,
)
from shared.contracts.orders import (
    GoodsReturned,
    OrderApproved,
    OrderCancelled,
    OrderDelivered,
    OrderHeld,
    OrderRejected,
    OrderReleased,
    OrderReopened,
    OrderShipped,
    OrderSubmitted,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
)
from shared.contracts.partners import (
    CreditLimitSet,
    PartnerEnrolled,
    PartnerReinstated,
    PartnerSuspended,
    PartnerTierChanged,
)
from shared.contracts.rebates import RebateAdjusted, RebateSettled, RebateTierReached
from shared.kernel.policy import Asked, Policy, Read

HEARD: tuple[type[Event], ...] = (
    PartnerEnrolled,
    PartnerTierChanged,
    PartnerSuspended,
    PartnerReinstated,
    CreditLimitSet,
    LeadAssigned,
    LeadAccepted,
    LeadDeclined,
    LeadReleased,
    DealRegistered,
    RegistrationRejected,
    DealExpiryAnnounced,
    DealProtectionEnded,
    OpportunityStageChanged,
    OpportunityStallCleared,
    OpportunityStalled,
    CustomerSilenceNoticed,
    CustomerReleased,
    CustomerDisputed,
    OrderSubmitted,
    OrderHeld,
    OrderReleased,
    OrderApproved,
    OrderRejected,
    OrderCancelled,
    OrderReopened,
    OrderShipped,
    OrderDelivered,
    GoodsReturned,
    PaymentReceived,
    PaymentRefunded,
    PaymentReversed,
    RebateTierReached,
    RebateSettled,
    RebateAdjusted,
    TargetSet,
    AttainmentMeasured,
    StockBelowSafety,
    StockRestored,
    ChannelOverstocked,
    SalesAnomalyDetected,
    MdfFundAllocated,
    MdfRequested,
    MdfApproved,
    MdfRejected,
    MdfReleased,
    MdfClaimed,
    MdfClaimApproved,
    MdfPaid,
    MdfExpired,
    MdfCarriedOver,
)


async def note(fact: Event, envelope: Envelope, read: Read) -> Iterable[Asked]:
    age = envelope.time - envelope.occurredat
    if age > timedelta(days=OLDEST):
        return []
    rules = (await read.fold(RULES)).values()
    return [
        (
            subject_stream(subject),
            NoteOccurrence(
                subject=subject,
                fact_id=envelope.id,
                fact=envelope.type,
                recorded_at=envelope.time,
                sequence=envelope.sequence,
                opened=found.opened,
                closed=found.closed,
                at=envelope.occurredat,
            ),
        )
        for subject, found in heard(rules, fact, age).items()
    ]


WHEN_HEARD_NOTE: Policy[Event] = Policy(
    name="notifications.when-heard-note", facts=HEARD, react=note, since="deployment"
)
