"""What a recipient prefers: language, quiet hours, a digest; all in the recipient's own zone."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from services.notifications.domain.rule import Wording
from shared.contracts.calendar import BUSINESS

DAY = timedelta(days=1)
DIGEST_AT = "09:00"  # ruling n1, where a recipient wants a digest at all


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """Times are "HH:MM". Quiet hours are those of ruling n1 until somebody says otherwise; a
    digest is what somebody asks for, since an offer to be accepted today cannot wait for it.
    """

    language: str = "zh"
    zone: str = BUSINESS.key
    quiet_from: str | None = "21:00"
    quiet_until: str | None = "08:00"
    digest_at: str | None = None


def told(preferences: Preferences, wording: Wording) -> str:
    return wording.en if preferences.language == "en" else wording.zh


def quiet_until(preferences: Preferences, now: datetime) -> datetime | None:
    """The end of the quiet hours in which it is now; None where it is not."""
    if preferences.quiet_from is None or preferences.quiet_until is None:
        return None
    begin, end = map(time.fromisoformat, (preferences.quiet_from, preferences.quiet_until))
    local = now.astimezone(ZoneInfo(preferences.zone)).time()
    inside = begin <= local < end if begin <= end else local >= begin or local < end
    return following(preferences.quiet_until, preferences.zone, now) if inside else None


def digest_due(preferences: Preferences, now: datetime) -> datetime | None:
    """When the next digest goes out, if the recipient wants one."""
    if preferences.digest_at is None:
        return None
    return following(preferences.digest_at, preferences.zone, now)


def following(wall: str, zone: str, now: datetime) -> datetime:
    """The next instant after now at which clocks in the zone show this time."""
    at, local = time.fromisoformat(wall), now.astimezone(ZoneInfo(zone))
    days = (local.date() + DAY * n for n in range(3))
    instants = (datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC) for day in days)
    return next(instant for instant in instants if instant > now)
