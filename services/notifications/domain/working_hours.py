"""Working hours: 09:00 to 18:00, Monday to Friday, in the business zone (ruling l3).

Public holidays are the leads context's business and its private facts: an escalation counts none.
"""

from datetime import UTC, datetime, time, timedelta

from shared.contracts.calendar import BUSINESS, DAY, business_day

OPENING, CLOSING = time(9), time(18)
SATURDAY = 5


def after(start: datetime, worked: timedelta) -> datetime:
    """When so much has been worked since; what begins outside begins at the next opening."""
    day = business_day(start)
    while True:
        opening, closing = (
            datetime.combine(day, wall, BUSINESS).astimezone(UTC) for wall in (OPENING, CLOSING)
        )
        begin = max(start.astimezone(UTC), opening)
        if day.weekday() < SATURDAY and begin < closing:
            if worked <= closing - begin:
                return begin + worked
            worked -= closing - begin
        day += DAY
