"""Every fact in a partner's stream; all of them are published."""

from shared.contracts.partners import (
    CreditLimitSet,
    PartnerEnrolled,
    PartnerReinstated,
    PartnerSuspended,
    PartnerTierChanged,
)

PartnerEvent = (
    PartnerEnrolled | PartnerTierChanged | PartnerSuspended | PartnerReinstated | CreditLimitSet
)
