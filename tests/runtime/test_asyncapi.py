"""The topics are described in AsyncAPI 3.1, as its own schema has it, and told to everybody."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import Draft7Validator

from services.leads.context import CONTEXT as LEADS
from services.orders.context import CONTEXT as ORDERS
from shared.runtime.asyncapi import asyncapi
from shared.testing.platform import Bed
from tests.architecture.sources import contexts

SCHEMA = Path(__file__).parents[1] / "schemas" / "asyncapi-3.1.0.json"
OFFICIAL = Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))
TOLD = asyncapi(contexts())
Json = dict[str, Any]


def test_the_document_is_what_asyncapi_says() -> None:
    OFFICIAL.validate(TOLD)


PLANTED: dict[str, Callable[[Json], Any]] = {
    "another version": lambda told: told.update(asyncapi="2.6.0"),
    "no title": lambda told: told["info"].pop("title"),
    "an action": lambda told: told["operations"]["sendOrderApproved"].update(action="emit"),
    "a field": lambda told: told["channels"]["OrderApproved"].update(topic="OrderApproved"),
    "a payload": lambda told: _message(told).update(payload={"type": "nothing"}),
    "headers": lambda told: _message(told).update(headers={"type": "none"}),
    "a key": lambda told: _message(told)["bindings"]["kafka"].update(key="partner"),
    "a binding": lambda told: _message(told)["bindings"]["kafka"].update(partition=1),
    "partitions": lambda told: _topic(told).update(partitions=0),
    "a retention": lambda told: _topic(told)["topicConfiguration"].update({"retention.ms": "30d"}),
    "a user": lambda told: told["components"]["securitySchemes"]["plain"].update(type="password"),
    "no protocol": lambda told: told["servers"]["kafka"].pop("protocol"),
}


def _message(told: Json) -> Json:
    found: Json = told["components"]["messages"]["OrderApproved"]
    return found


def _topic(told: Json) -> Json:
    found: Json = told["channels"]["OrderApproved"]["bindings"]["kafka"]
    return found


@pytest.mark.parametrize("plant", PLANTED.values(), ids=PLANTED)
def test_a_planted_mistake_is_found(plant: Callable[[Json], Any]) -> None:
    wrong = deepcopy(TOLD)
    plant(wrong)
    assert not OFFICIAL.is_valid(wrong)


def test_facts_are_kept_for_ever_and_claims_for_thirty_days() -> None:
    told = asyncapi([ORDERS], partitions=12, prefix="cn.")["channels"]
    topics = {
        name: (
            channel["bindings"]["kafka"]["topic"],
            channel["bindings"]["kafka"]["topicConfiguration"]["retention.ms"],
        )
        for name, channel in told.items()
    }
    month = 30 * 24 * 3600 * 1000
    assert topics["OrderApproved"] == ("cn.OrderApproved", -1)
    assert topics["PaymentReported"] == ("cn.PaymentReported", month)
    assert topics["PaymentReported.rejected"] == ("cn.PaymentReported.rejected", month)
    assert {channel["bindings"]["kafka"]["partitions"] for channel in told.values()} == {12}


def test_an_envelope_needs_all_but_its_trace() -> None:
    envelope = TOLD["components"]["schemas"]["Envelope"]
    assert {*envelope["properties"], "data"} - {*envelope["required"]} == {"traceparent"}


def test_every_inbound_topic_has_one_for_what_was_rejected() -> None:
    channels = asyncapi([LEADS, ORDERS])["channels"]
    inbound = {"LeadCaptured", "PaymentReported", "ShipmentReported"}
    assert {name for name in channels if name.endswith(".rejected")} == {
        f"{name}.rejected" for name in inbound
    }
    assert inbound <= {*channels}


async def test_it_is_served_to_everybody(bed: Bed) -> None:
    answer = await bed.http.get("/asyncapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    OFFICIAL.validate(answer.json())
    assert "PartnerEnrolled" in answer.json()["channels"]
