"""Until when an offer is to be answered, and by which calendar that was counted."""

from datetime import datetime, timedelta

from services.leads.domain.calendar import Calendars
from services.leads.domain.events import Sla
from services.leads.domain.streams import CALENDAR
from shared.contracts.leads import CalendarVersion
from shared.kernel import working_clock
from shared.kernel.policy import Read

NATIONAL = CalendarVersion(id="CN", version=0)
"""China's public holidays and make-up days, while nobody has published a calendar."""


async def deadline(read: Read, sla: Sla, at: datetime) -> tuple[datetime, CalendarVersion | None]:
    worked = timedelta(hours=sla.hours)
    if not sla.working_hours:
        return at + worked, None
    calendars: Calendars = await read.fold(CALENDAR)
    if chosen := calendars.chosen(sla.calendar_id):
        used = CalendarVersion(id=chosen.calendar_id, version=chosen.version)
        return working_clock.after(at, worked, chosen.works), used
    return working_clock.after(at, worked, working_clock.national), NATIONAL
