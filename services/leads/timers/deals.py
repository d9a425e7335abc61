"""A protection is announced to be over in 14, 7 and 1 days, and then it is over."""

from collections.abc import Iterable

from services.leads.domain.deals import protection
from services.leads.domain.deals.commands import AnnounceExpiry, EndProtection
from services.leads.domain.deals.events import ExtensionRefused
from shared.contracts.event import Envelope
from shared.contracts.leads import DealExtended, DealProtectionEnded, DealRegistered
from shared.kernel.decider import Command
from shared.kernel.timer import ClearTimer, Due, SetTimer

Protecting = DealRegistered | DealExtended | ExtensionRefused | DealProtectionEnded
END = "protection-end"
ANNOUNCED = {f"protection-end-in-{days}-days": days for days in protection.ANNOUNCED}


def set_(fact: Protecting, _: Envelope) -> Iterable[SetTimer | ClearTimer]:
    match fact:
        case DealRegistered() | DealExtended():
            end = fact.protected_until
            for name, days in ANNOUNCED.items():
                yield SetTimer(name, protection.announced(end, days))
            yield SetTimer(END, end)
        case ExtensionRefused():
            yield SetTimer(END, fact.protected_until)
        case DealProtectionEnded():
            yield from map(ClearTimer, (*ANNOUNCED, END))


def fire(due: Due) -> Command:
    if due.name == END:
        return EndProtection(at=due.due)
    return AnnounceExpiry(days=ANNOUNCED[due.name], at=due.due)
