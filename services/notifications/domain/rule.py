"""A rule: which fact is worth telling, to whom, in which words. Pure data."""

from dataclasses import dataclass

from shared.contracts.ids import Id

INBOX, LOG, ENDPOINTS = "inbox", "log", "endpoints"
CHANNELS = (INBOX, LOG, ENDPOINTS)
CRITICAL = "critical"
SEVERITIES = ("info", "warning", CRITICAL)
PARTNER = "partner:{partner_id}"
ROLES = ("sales", "manager", "marketing", "finance", "director", "operations", "auditor")
ASKED = "asked"
"""The roles on the fact's route of approval, in any step; a director where there is no route."""
RECIPIENTS = (PARTNER, ASKED, *(f"role:{role}" for role in ROLES))
OLDEST = 366  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """The field is, or holds, one of these; a number below, above or between; there or not."""

    field: str
    among: tuple[str, ...] = ()
    below: str | None = None
    above: str | None = None
    present: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Told once per subject and episode; `{field}` stands for a field of the fact.

    An episode begins with a fact `on` that meets `where`. Where `episode` names it (an offer's
    number, a tier), every name is one episode. Otherwise the subject is in a condition: it ends
    with a fact of `closed_by`, or one `on` that does not meet `where`, and the next one that does
    begins another. Facts that were more than `max_age_days` old when they were recorded are
    history, and tell nothing. It is critical, and waits for nothing, where `critical_where` is
    met. `ladder` is who is told next, one after the other, as long as nobody has acknowledged it
    and it still stands.
    """

    rule_id: Id
    version: int = 1
    on: str
    where: tuple[Condition, ...] = ()
    closed_by: tuple[str, ...] = ()
    subject: str
    episode: str | None = None
    recipients: tuple[str, ...]
    channels: tuple[str, ...] = CHANNELS
    severity: str = "info"
    title: Wording
    body: Wording
    max_age_days: int = 31
    enabled: bool = True
    critical_where: tuple[Condition, ...] = ()
    ladder: tuple[str, ...] = ()
