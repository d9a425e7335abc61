"""Who must agree to an order before credit is checked: a rule's route, and what people say on it
(O-06, ruling o10, ADR 0032, 0041).

The account makes the route, because only it knows what linked orders come to; the order keeps it
and follows it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from services.orders.domain.approval.commands import (
    EscalateOrder,
    PublishOrderRule,
    RecallOrder,
    VoteOnOrder,
)
from services.orders.domain.approval.events import (
    ApprovalGranted,
    OrderEscalated,
    OrderRouted,
    OrderRulePublished,
    OrderVoted,
    VoteKept,
)
from services.orders.domain.commands import (
    HoldOrder,
)
from services.orders.domain.events import (
    OrderEvent,
)
from services.orders.domain.pricing import DIRECTOR_ABOVE
from services.orders.domain.situation import Held, Placed, Submitted, wrong_status
from services.orders.domain.statements import cancelled, named
from shared.contracts.approvals import ApprovalRuleVersion, Ballot, Escalation, Route, RouteStep
from shared.contracts.money import Money
from shared.contracts.orders import OrderHeld, OrderRejected
from shared.kernel import approvals
from shared.kernel.approvals import (
    Approval,
    Band,
    CallBack,
    Rule,
    Step,
    Subject,
    TimeOut,
    Vote,
    checked,
)
from shared.kernel.decider import Decider
from shared.kernel.errors import Forbidden, Refused

APPROVAL = "director-approval"
"""The reason of the hold, whoever the rule asks: it is for ever."""
DIRECTOR = "role:director"
DEFAULT_RULE = Rule(
    id="order",
    version=0,
    steps=(
        Step(
            name="director",
            mode="any",
            seats=(DIRECTOR,),
            bands=(Band(op=">", amount=Money(DIRECTOR_ABOVE, "CNY")),),
        ),
    ),
)
"""Above 500,000 in whatever currency the director, until somebody publishes another version."""
OF_OLD = Route(
    rule=ApprovalRuleVersion(id=DEFAULT_RULE.id, version=DEFAULT_RULE.version),
    requester="",
    began_at=datetime(1970, 1, 1, tzinfo=UTC),
    steps=(RouteStep(name="director", mode="any", seats=(DIRECTOR,)),),
)
"""Of orders that were held for the director before routes were stored."""
DECIDING = frozenset({"manager", "finance", "director", "operations"})
Waiting = Submitted | Held


def requester(partner_id: str) -> str:
    """The partner asks, whoever typed it; no user is called like this."""
    return f"partner:{partner_id}"


def routed(
    rule: Rule, partner_id: str, net: Money, fields: Mapping[str, str], at: datetime
) -> Route:
    subject = Subject(requester=requester(partner_id), amount=net, fields=fields)
    return approvals.route(_in(rule, net.currency), subject, at)


def _in(rule: Rule, currency: str) -> Rule:
    """The built-in limit holds in every currency. What a published rule limits in another one
    cannot be compared: then it is asked.
    """
    return replace(rule, steps=tuple(_step(rule, step, currency) for step in rule.steps))


def _step(rule: Rule, step: Step, currency: str) -> Step:
    if rule.version == DEFAULT_RULE.version:
        bands = tuple(
            replace(one, amount=Money(one.amount.amount, currency)) for one in step.bands
        )
    else:
        bands = tuple(one for one in step.bands if one.amount.currency == currency)
    return replace(step, bands=bands)


def held(command: HoldOrder, order: Waiting) -> list[OrderEvent]:
    """With the route, and with what was said before it was known."""
    who, facts = named(order.asked), list[OrderEvent]()
    if command.route is not None and order.approval is None:
        approval = approvals.begin(command.route)
        facts.append(OrderRouted(**who, route=command.route, due=approval.due))
        told = OrderHeld(**who, reasons=command.reasons, route=command.route)
        return [*facts, told, *_kept(replace(order, approval=approval), order.votes)]
    if isinstance(order, Held) and order.reasons == command.reasons:
        return []
    return [OrderHeld(**who, reasons=command.reasons, route=command.route)]


def _kept(order: Waiting, votes: Sequence[Vote]) -> list[OrderEvent]:
    """Of early votes those count that are asked for."""
    facts = list[OrderEvent]()
    for vote in votes:
        if not asked(order):
            break
        try:
            _, after = _ballot(order, vote)
        except Refused:
            continue
        facts += _balloted(order, vote)
        order = replace(order, approval=after)
    return facts


def asked(order: Placed) -> bool:
    """Somebody is to vote."""
    return order.approval is not None and order.approval.outcome == "open"


def vote(command: VoteOnOrder, order: Placed) -> list[OrderEvent]:
    match order:
        case Submitted() | Held() if asked(order):
            return _voted(order, command.vote)
        case Submitted() if command.vote.verdict == "approve":
            who = named(order.asked)
            known = any(one.by == command.vote.by for one in order.votes)
            return [] if known else [VoteKept(**who, vote=command.vote)]
        case Submitted() | Held() if command.vote.verdict == "reject":
            _check_role(order, command.vote)
            return [OrderRejected(**named(order.asked), reason=command.vote.reason)]
        case _:
            raise wrong_status(order, command)


def _check_role(order: Waiting, said: Vote) -> None:
    """Where nobody is asked those who decide may reject; before the account has asked, what is
    certain to come to the director is his alone.
    """
    if not DECIDING & {*said.roles}:
        raise Forbidden(
            "role-insufficient", f"ask someone with role {' or '.join(sorted(DECIDING))}"
        )
    early = isinstance(order, Submitted) and order.asked.net.amount > DIRECTOR_ABOVE
    if early and "director" not in said.roles:
        raise Refused("order-needs-director", "only the director decides this order")


def _voted(order: Waiting, said: Vote) -> list[OrderEvent]:
    try:
        return _balloted(order, said)
    except Forbidden as forbidden:
        if said.verdict == "approve":
            raise
        raise Refused("order-needs-director", str(forbidden)) from None


def _balloted(order: Waiting, said: Vote) -> list[OrderEvent]:
    voted, after = _ballot(order, said)
    who = named(order.asked)
    match after.outcome:
        case "approved":
            return [voted, ApprovalGranted(**who, by=said.by)]
        case "rejected":
            return [voted, OrderRejected(**who, reason=said.reason)]
        case "returned":
            return [voted, _back(order, f"returned: {said.reason}")]
        case _:
            return [voted]


def _ballot(order: Waiting, said: Vote) -> tuple[OrderVoted, Approval]:
    assert order.approval is not None
    ballot = approvals.decide(order.approval, said)
    assert isinstance(ballot, Ballot)
    after = approvals.evolve(order.approval, ballot)
    return OrderVoted(**named(order.asked), ballot=ballot, due=after.due), after


def recall(command: RecallOrder, order: Placed) -> list[OrderEvent]:
    """As long as it is not decided; reopened, it is asked anew, by the rule of that day."""
    if not isinstance(order, Submitted | Held) or order.approval is None:
        raise wrong_status(order, command)
    told = CallBack(by=command.by, reason=command.reason, at=command.at)
    approvals.decide(order.approval, told)
    return [_back(order, f"recalled: {command.reason}")]


def escalate(command: EscalateOrder, order: Placed) -> list[OrderEvent]:
    """Total: a timer may be late. Nobody left to ask: it is rejected."""
    if not isinstance(order, Submitted | Held) or order.approval is None:
        return []
    told = TimeOut(step=command.step, rung=command.rung, at=command.at)
    entry = approvals.decide(order.approval, told)
    if not isinstance(entry, Escalation):
        return []
    after, who = approvals.evolve(order.approval, entry), named(order.asked)
    fact = OrderEscalated(**who, escalation=entry, due=after.due)
    return [fact, OrderRejected(**who, reason="lapsed")] if after.outcome == "lapsed" else [fact]


def _back(order: Waiting, reason: str) -> OrderEvent:
    return cancelled(order.asked, reason, order.revision + 1)


def followed(order: Placed, fact: OrderRouted | OrderVoted | OrderEscalated) -> Approval:
    if isinstance(fact, OrderRouted):
        return approvals.begin(fact.route)
    assert order.approval is not None
    entry = fact.ballot if isinstance(fact, OrderVoted) else fact.escalation
    return approvals.evolve(order.approval, entry)


def by_then(order: Placed, reasons: Sequence[str]) -> Approval | None:
    """Its approval once it is held: of orders of old there is no route among the facts."""
    if order.approval is None and order.director is None and APPROVAL in reasons:
        return approvals.begin(OF_OLD)
    return order.approval


def agreed(order: Placed) -> Approval | None:
    """With the grant nobody is asked any more; that of old came without a vote."""
    return None if asked(order) else order.approval


def decide_rule(command: PublishOrderRule, before: Rule) -> list[OrderRulePublished]:
    rule = replace(checked(command.rule), id=DEFAULT_RULE.id)
    if rule.version <= before.version:
        told = f"version {before.version} is published: a new one has a higher number"
        raise Refused("approval-rule-version-stale", told)
    return [OrderRulePublished(rule=rule)]


RULE: Decider[PublishOrderRule, Rule, OrderRulePublished] = Decider(
    decide_rule, lambda _, fact: fact.rule, DEFAULT_RULE
)


def fields_of(
    partner_id: str, region: str, customer_id: str | None, product_lines: Sequence[str]
) -> dict[str, str]:
    """What conditions may ask of an order; a product line only if it is the only one."""
    lines = {*product_lines}
    told = {
        "partner_id": partner_id,
        "region": region,
        "customer_id": customer_id or "",
        "product_line": lines.pop() if len(lines) == 1 else "",
    }
    return {name: value for name, value in told.items() if value}
