"""Who must agree to an order: the rule's route, votes along it, orders of before (ADR 0041)."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from services.orders.domain.approval.approving import DEFAULT_RULE, RULE, routed
from services.orders.domain.approval.commands import (
    EscalateOrder,
    PublishOrderRule,
    RecallOrder,
)
from services.orders.domain.approval.events import (
    ApprovalGranted,
    OrderEscalated,
    OrderRouted,
    OrderRulePublished,
    VoteKept,
)
from services.orders.domain.commands import HoldOrder, ReopenOrder
from services.orders.domain.events import OrderRecorded
from services.orders.domain.order import ORDER, Cancelled, Held
from services.orders.domain.statements import cancelled, reopened, submitted
from services.orders.tests.ballots import ASK, DIRECTORS, WHO, ballot, vote
from services.orders.tests.books import Book
from services.orders.tests.samples import NOW, P1, cny, order, submission
from services.orders.tests.test_waiting import envelope
from services.orders.timers import VOTE, set_
from shared.contracts.approvals import Escalation, Route
from shared.contracts.money import Money
from shared.contracts.orders import OrderHeld, OrderRejected
from shared.kernel.approvals import Band, Condition, Delegation, Rule, Step
from shared.kernel.codec import document, restored
from shared.kernel.errors import Malformed
from shared.kernel.timer import ClearTimer, SetTimer
from shared.testing.given import Given

given = Given(ORDER)
SUBMITTED = submitted(submission())
HELD = OrderHeld(**WHO, reasons=("director-approval",))
HOUR = timedelta(hours=1)
FINANCE = Step(name="finance", mode="any", seats=("role:finance",))
BOTH = Step(
    name="both",
    mode="all",
    seats=("role:manager", "role:finance"),
    hours=24,
    escalation=("role:director", "role:operations"),
)
THEN = Step(
    name="director",
    seats=("role:director",),
    bands=(Band(op=">", amount=cny("500000")),),
    conditions=(Condition(field="region", values=("east",)),),
)
TWO = Rule(id="order", version=2, steps=(BOTH, THEN))


def way(rule: Rule = TWO, net: str = "600000", region: str = "east") -> Route:
    return routed(rule, P1, cny(net), {"region": region}, NOW)


def asked(route: Route) -> tuple[OrderRouted, OrderHeld]:
    due = NOW + 24 * HOUR if route.steps[0].hours else None
    return OrderRouted(**WHO, route=route, due=due), replace(HELD, route=route)


def test_bands_and_conditions_choose_the_steps() -> None:
    names = [
        [step.name for step in way(TWO, net, region).steps]
        for net, region in (
            ("600000", "east"),
            ("500000", "east"),
            ("600000", "west"),
        )
    ]
    assert names == [["both", "director"], ["both"], ["both"]]


def test_the_built_in_limit_holds_in_every_currency() -> None:
    edge, over = (Money(cny(net).amount, "USD") for net in ("500000", "500000.01"))
    assert routed(DEFAULT_RULE, P1, edge, {}, NOW).steps == ()
    assert [one.name for one in routed(DEFAULT_RULE, P1, over, {}, NOW).steps] == ["director"]


def test_what_cannot_be_compared_is_asked() -> None:
    dollars = Money(cny(1).amount, "USD")
    found = routed(TWO, P1, dollars, {"region": "east"}, NOW)
    assert [one.name for one in found.steps] == ["both", "director"]


def test_the_account_makes_the_route_of_linked_orders_by_the_rule_it_is_told() -> None:
    book = Book(limit=5_000_000)
    book.tell(order("o1", 300_000, customer_id="c1", rule=TWO))
    (first,) = [fact for fact in book.facts if isinstance(fact, OrderRecorded)]
    assert first.route is not None and first.director
    assert [step.name for step in first.route.steps] == ["both"]
    book.tell(order("o2", 300_000, customer_id="c1", rule=TWO))
    second = [fact for fact in book.facts if isinstance(fact, OrderRecorded)][-1]
    assert second.route is not None
    assert [step.name for step in second.route.steps] == ["both", "director"]
    assert (second.route.rule.version, second.route.requester) == (2, "partner:p1")


def test_all_of_them_then_the_next_step() -> None:
    route = way()
    given(SUBMITTED).when(replace(ASK, route=route)).then(*asked(route))
    mia = ballot("mia", "manager", due=NOW + 24 * HOUR)
    fin = ballot("fin", "finance")
    story = (SUBMITTED, *asked(route))
    given(*story).when(vote("mia", "manager")).then(mia)
    given(*story, mia).when(vote("fin", "finance")).then(fin)
    given(*story, mia).when(vote("mia", "manager")).refused("approval-voted")
    given(*story).when(vote("dora", "director")).refused("approval-not-asked")
    last = ballot("dora", "director", step=1)
    granted = ApprovalGranted(**WHO, by="dora")
    given(*story, mia, fin).when(vote("dora", "director")).then(last, granted)


def test_any_of_them() -> None:
    either = Rule(id="order", version=3, steps=(replace(BOTH, mode="any"),))
    granted = ApprovalGranted(**WHO, by="fin")
    given(SUBMITTED, *asked(way(either))).when(vote("fin", "finance")).then(
        ballot("fin", "finance"), granted
    )


def test_early_votes_count_as_far_as_they_are_asked_for() -> None:
    kept = [
        VoteKept(**WHO, vote=vote(*who).vote)
        for who in (("olga", "operations"), ("fin", "finance"), ("mia", "manager"))
    ]
    route = way(net="1")
    given(SUBMITTED, *kept).when(replace(ASK, route=route)).then(
        *asked(route),
        ballot("fin", "finance", due=NOW + 24 * HOUR),
        ballot("mia", "manager"),
        ApprovalGranted(**WHO, by="mia"),
    )


def test_a_delegate_sits_where_he_is_lent_a_seat() -> None:
    lent = Delegation(of="role:director", to="dan", since=NOW, until=NOW + HOUR)
    story = (SUBMITTED, *asked(DIRECTORS))
    given(*story).when(vote("dan", "manager")).refused("approval-not-asked")
    said = ballot("dan", "director", delegated=("role:director",))
    given(*story).when(vote("dan", "manager", found=(lent,))).then(
        said, ApprovalGranted(**WHO, by="dan")
    )
    late = vote("dan", "manager", found=(lent,), at=lent.until)
    given(*story).when(late).refused("approval-not-asked")


def escalated(rung: int, to: str | None) -> OrderEscalated:
    at = NOW + 24 * HOUR * rung
    due = at + 24 * HOUR if to else None
    return OrderEscalated(**WHO, escalation=Escalation(step=0, rung=rung, to=to, at=at), due=due)


def late(rung: int) -> EscalateOrder:
    return EscalateOrder(step=0, rung=rung, at=NOW + 24 * HOUR * (rung + 1))


def test_who_does_not_answer_is_passed_over_until_nobody_is_left() -> None:
    story: list[Any] = [SUBMITTED, *asked(way())]
    given(*story).when(replace(late(0), at=NOW)).then()  # not due yet
    given(*story).when(late(0)).then(escalated(1, "role:director"))
    story.append(escalated(1, "role:director"))
    given(*story).when(late(0)).then()  # that was the rung before
    by_director = ballot("dora", "director")
    given(*story).when(vote("dora", "director")).then(by_director)  # decides that step alone
    given(*story).when(late(1)).then(escalated(2, "role:operations"))
    story.append(escalated(2, "role:operations"))
    lapsed = OrderRejected(**WHO, reason="lapsed")
    given(*story).when(late(2)).then(escalated(3, None), lapsed)
    given(*story, escalated(3, None), lapsed).when(late(2)).then()
    given().when(late(0)).then()


def test_what_is_returned_or_recalled_is_cancelled_and_asked_anew_when_reopened() -> None:
    story = (SUBMITTED, *asked(DIRECTORS))
    back = cancelled(SUBMITTED, "returned: 报价单", 1)
    returned = ballot("dora", "director", "return", "报价单")
    given(*story).when(vote("dora", "director", "return", "报价单")).then(returned, back)
    given(*story).when(vote("mia", "manager", "return")).refused("order-needs-director")
    recall = RecallOrder(by="partner:p1", reason="改", at=NOW)
    recalled = cancelled(SUBMITTED, "recalled: 改", 1)
    given(*story).when(recall).then(recalled)
    given(*story).when(replace(recall, by="mia")).refused("approval-not-yours")
    granted = (ballot("dora", "director"), ApprovalGranted(**WHO, by="dora"))
    given(*story, *granted).when(recall).refused("approval-decided")
    given(SUBMITTED).when(recall).refused("order-wrong-status")
    gone = ORDER.fold([*story, recalled])
    assert isinstance(gone, Cancelled)
    again = reopened(SUBMITTED, 2)
    given(*story, recalled).when(ReopenOrder(at=NOW)).then(again)
    hold = HoldOrder(round=2, reasons=HELD.reasons, route=way(), at=NOW)
    given(*story, recalled, again).when(hold).then(*asked(way()))


def test_orders_of_before_routes_were_stored_wait_for_the_director() -> None:
    old = ORDER.fold([SUBMITTED, HELD])
    assert isinstance(old, Held) and old.approval is not None
    assert old.approval.waiting == ("role:director",)
    assert (old.approval.route.rule.version, old.approval.due) == (0, None)
    given(SUBMITTED, HELD).when(vote("fin", "finance")).refused("approval-not-asked")


def test_facts_of_an_account_of_before_are_readable() -> None:
    """As they were stored: without a route."""
    book = Book(limit=5_000_000)
    book.tell(order("o1", 600_000))
    (fact,) = [one for one in book.facts if isinstance(one, OrderRecorded)]
    stored = document(fact)
    del stored["route"]
    old = restored(stored, OrderRecorded)
    assert (old.director, old.route) == (True, None)
    assert replace(fact, route=None) == old


def test_the_timer_follows_the_step_that_is_asked() -> None:
    routed_, _ = asked(way())
    voted, gone = ballot("dora", "director"), cancelled(SUBMITTED, "no", 1)
    assert [*set_(routed_, envelope(routed_))] == [SetTimer(VOTE, NOW + 24 * HOUR)]
    assert [*set_(voted, envelope(voted))] == [ClearTimer(VOTE)]
    assert [*set_(gone, envelope(gone))] == [ClearTimer(VOTE)]


def test_a_rule_is_published_in_growing_versions() -> None:
    rules = Given(RULE)
    told = PublishOrderRule(rule=TWO, at=NOW)
    rules().when(told).then(OrderRulePublished(rule=TWO))
    rules(OrderRulePublished(rule=TWO)).when(told).refused("approval-rule-version-stale")
    nobody = replace(TWO, version=3, steps=(Step(name="nobody", seats=()),))
    with pytest.raises(Malformed):
        RULE.decide(PublishOrderRule(rule=nobody, at=NOW), TWO)
