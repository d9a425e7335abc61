"""Whose something is: a partner's own, or that of everybody in a role."""

from shared.kernel.errors import Forbidden, NotFound
from shared.runtime.http import Caller


def themselves(who: Caller) -> str:
    return f"partner:{who.partner_id}" if who.role == "partner" else f"role:{who.role}"


def own(who: Caller, owner: str, slug: str) -> None:
    """Operations and managers look after everybody's; a partner cannot tell foreign from none."""
    if owner == themselves(who) or who.role in {"manager", "operations"}:
        return
    if who.role == "partner":
        raise NotFound(slug)
    raise Forbidden("role-insufficient", "ask whoever it belongs to, a manager, or operations")
