"""How often a partner's client may ask, told in the headers of every answer to it."""

from dataclasses import dataclass, field
from math import ceil
from time import time

from limits import RateLimitItem, parse
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import MovingWindowRateLimiter

from shared.contracts.ids import named
from shared.runtime.http import Caller


@dataclass(frozen=True, slots=True)
class Counted:
    allowed: bool
    headers: dict[str, str]


@dataclass(slots=True)
class Rate:
    """Counted in this process; `limit` reads like `600/minute`."""

    limit: str
    _limiter: MovingWindowRateLimiter = field(
        default_factory=lambda: MovingWindowRateLimiter(MemoryStorage())
    )

    async def count(self, caller: Caller) -> Counted:
        if caller.role != "partner":
            return Counted(True, {})
        item, client = parse(self.limit), str(named(caller.issuer, caller.subject))
        allowed = await self._limiter.hit(item, client)
        window = await self._limiter.get_window_stats(item, client)
        seconds = max(1, ceil(window.reset_time - time()))
        headers = _headers(item, window.remaining, seconds)
        return Counted(allowed, headers if allowed else headers | {"Retry-After": str(seconds)})


def _headers(item: RateLimitItem, remaining: int, seconds: int) -> dict[str, str]:
    return {
        "RateLimit-Policy": f'"client";q={item.amount};w={item.get_expiry()}',
        "RateLimit": f'"client";r={remaining};t={seconds}',
    }
