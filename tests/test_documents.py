"""What the documents say is what the code does: each is made anew and compared."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from shared.contracts.inbound import PaymentReported
from shared.contracts.orders import OrderApproved
from shared.kernel.claim import Claim
from shared.kernel.decider import Aggregate, Decider
from shared.kernel.policy import Policy
from shared.kernel.projection import Projection
from shared.runtime.asyncapi import asyncapi
from shared.runtime.context import Context
from shared.runtime.problems import TITLES
from tests.architecture.documents import DOCUMENTS
from tests.architecture.map import flow, section
from tests.architecture.problems import page, slugs, untitled
from tests.architecture.sources import ROOT, Source, sources


@pytest.mark.parametrize(("name", "made"), DOCUMENTS.items(), ids=DOCUMENTS)
def test_a_generated_document_is_current(name: str, made: Callable[[], str]) -> None:
    assert (ROOT / name).read_text() == made(), "the code changed: `make map`"


def test_every_slug_has_its_words_in_both_languages() -> None:
    assert untitled(slugs(sources()), TITLES) == []


def still(*_: Any) -> Any:
    return []


async def silent(*_: Any) -> Any:
    return []


ORDERS = Context(
    name="orders",
    aggregates=(
        Aggregate(name="order", decider=Decider(still, still, None), facts=(OrderApproved,)),
    ),
    claims=(Claim(fact=PaymentReported, react=silent),),
)
REBATES = Context(
    name="rebates",
    policies=(Policy(name="rebates.when-approved", facts=(OrderApproved,), react=silent),),
    projections=(
        Projection(
            name="rebates.approved",
            source="bus",
            facts=(OrderApproved,),
            keys=lambda fact, _: [fact.partner_id],
            fold=lambda *_: None,
            partner_field="partner_id",
        ),
    ),
)


def test_the_map_shows_who_publishes_to_whom() -> None:
    drawn = flow([ORDERS, REBATES])
    assert '  orders -- "OrderApproved" --> rebates' in drawn
    assert '  other_systems -- "PaymentReported" --> orders' in drawn


def test_the_map_shows_what_a_context_reacts_to_and_by_what() -> None:
    text = "\n".join(section(REBATES))
    by = "policy `rebates.when-approved`, view `rebates.approved`"
    assert f"| `OrderApproved` | orders | {by} |" in text
    assert "its own by `partner_id`" in text


def test_the_topics_are_told_with_what_came_in_and_was_rejected() -> None:
    told = asyncapi([ORDERS, REBATES])
    assert {*told["channels"]} == {"OrderApproved", "PaymentReported", "PaymentReported.rejected"}
    actions = {name: operation["action"] for name, operation in told["operations"].items()}
    assert actions == {
        "sendOrderApproved": "send",
        "receivePaymentReported": "receive",
        "sendPaymentReported.rejected": "send",
    }


def test_every_reference_of_the_topics_leads_somewhere() -> None:
    told = asyncapi([ORDERS, REBATES])
    text = json.dumps(told)
    references = {part.partition('"')[0] for part in text.split('"$ref": "#/')[1:]}
    assert "components/schemas/Money" in references
    for reference in references:
        place = told
        for step in reference.split("/"):
            place = place[step]


def test_a_slug_is_listed_with_its_status_and_who_tells_it() -> None:
    text = 'raise NotFound("lead-not-found", "look again")'
    planted = slugs([Source("services/leads/domain/lead.py", text)])
    title = {"zh": "没有", "en": "no such lead"}
    row = "| `lead-not-found` | 404 | 没有 | no such lead | `services/leads` |"
    assert row in page(planted, {"lead-not-found": title})
    assert untitled(planted, {"lead-not-found": {"en": "no such lead"}}) == ["lead-not-found"]
