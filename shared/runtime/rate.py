"""How often a client may ask, told in the headers of every answer to it.

A client is the issuer and the subject of a token. Its window begins with its first request, and
is counted in this process (ADR 0043).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import ceil
from time import monotonic

from shared.runtime.http import Caller
from shared.runtime.quota import Quota, quota
from shared.runtime.settings import Settings

Client = tuple[str, str]
SWEPT = 1_024  # clients that are remembered before anybody looks which of them have left


@dataclass(frozen=True, slots=True)
class Counted:
    headers: Mapping[str, str]
    exceeded: Quota | None = None


@dataclass(frozen=True, slots=True)
class Policies:
    """`named`: by `client:<subject>` or `role:<role>`; what is more particular wins."""

    partner: Quota | None
    staff: Quota | None
    named: Mapping[str, Quota | None]

    @classmethod
    def of(cls, settings: Settings) -> "Policies":
        named = {name: quota(text) for name, text in settings.rates.items()}
        return cls(quota(settings.rate), quota(settings.rate_staff), named)

    def quota(self, caller: Caller) -> Quota | None:
        for name in (f"client:{caller.subject}", f"role:{caller.role}"):
            if name in self.named:
                return self.named[name]
        return self.partner if caller.role == "partner" else self.staff


@dataclass(slots=True)
class Window:
    until: float
    asked: int = 0


@dataclass(slots=True)
class Rate:
    policies: Policies
    pulse: Callable[[], float] = monotonic
    _windows: dict[Client, Window] = field(default_factory=dict)
    _sweep_at: int = SWEPT

    def __len__(self) -> int:
        """How many clients are remembered."""
        return len(self._windows)

    def count(self, caller: Caller) -> Counted:
        limit = self.policies.quota(caller)
        if limit is None:
            return Counted({})
        window = self._window((caller.issuer, caller.subject), limit)
        window.asked += 1
        seconds = max(1, ceil(window.until - self.pulse()))
        headers = {
            "RateLimit-Policy": f'"client";q={limit.requests};w={limit.seconds}',
            "RateLimit": f'"client";r={max(0, limit.requests - window.asked)};t={seconds}',
        }
        if window.asked <= limit.requests:
            return Counted(headers)
        return Counted(headers | {"Retry-After": str(seconds)}, limit)

    def _window(self, client: Client, limit: Quota) -> Window:
        now, known = self.pulse(), self._windows.get(client)
        if known and now < known.until:
            return known
        if len(self._windows) >= self._sweep_at:
            self._windows = {who: one for who, one in self._windows.items() if now < one.until}
            self._sweep_at = max(SWEPT, 2 * len(self._windows))
        self._windows[client] = fresh = Window(now + limit.seconds)
        return fresh
