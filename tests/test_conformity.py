"""Every record on every topic is what data teams were promised: CloudEvents, schema, key."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from jsonschema_rs import Draft202012Validator

from shared.kernel.ports import Bus, Delivery, Record
from shared.runtime.asyncapi import asyncapi
from shared.runtime.demo import START
from shared.runtime.demo.player import Teller, Told
from shared.runtime.demo.story import story
from shared.testing.conformity import Raw, faults
from shared.testing.platform import Bed, platform
from tests.architecture.sources import contexts
from tests.reported import line, samples

pytestmark = pytest.mark.timeout(600)
TOLD = asyncapi(contexts())
FACTS = [name for name in TOLD["channels"] if f"send{name}" in TOLD["operations"]]
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
ZERO = f"00-{'0' * 32}-{'1' * 16}-00"
MALFORMED = [
    b"{",
    b'{"specversion":"1.0","id":"1","source":"/erp","type":"PaymentReported","data":{}}',
    b'{"specversion":"0.3","id":"2","source":"/erp","type":"PaymentReported","data":{}}',
]


def raw(delivery: Delivery) -> Raw:
    record = delivery.record
    headers = {name: text.encode() for name, text in record.headers.items()}
    return Raw(topic=record.topic, key=record.key.encode(), value=record.value, headers=headers)


def the_bus(bed: Bed) -> Bus:
    return bed.platform.workers["partners"].ports.bus


async def lying(bed: Bed, topics: Sequence[str]) -> list[Raw]:
    found: list[Raw] = []
    for topic in topics:
        at: dict[str, int] = {}
        while deliveries := await the_bus(bed).fetch([topic], after=at, limit=500):
            at |= {one.log: one.position for one in deliveries}
            found += map(raw, deliveries)
    return found


@pytest.mark.parametrize("type_", ["LeadCaptured", "PaymentReported"])
async def test_what_the_guide_shows_to_other_services_becomes_our_fact(
    tmp_path: Path, type_: str
) -> None:
    async with platform(tmp_path, contexts=("partners", "leads", "orders", "gateway")) as bed:
        await the_bus(bed).publish([Record(type_, "a key of theirs", line(type_).encode())])
        await bed.settle()
        assert await lying(bed, [f"{type_}.rejected"]) == []
        owner = "leads" if type_ == "LeadCaptured" else "orders"
        stored = await bed.platform.workers[owner].ports.store.follow(after=0, limit=9)
        assert samples()[type_]["source"] in {fact.actor for _, fact in stored}


async def told(bed: Bed) -> None:
    """The demo's story, its requests with a trace, and claims that are none."""
    headers = {"traceparent": TRACE}
    asked = story()
    teller = Teller(bed.http, bed.house, asked, Told.of(bed.house.settings.data, asked), headers)
    await teller.tell()
    bus = the_bus(bed)
    await bus.publish([Record("PaymentReported", "", claim) for claim in MALFORMED])
    await bed.settle()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def records(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Raw]]:
    folder: Path = tmp_path_factory.mktemp("story")
    async with platform(folder, START.isoformat()) as bed:
        await told(bed)
        yield await lying(bed, FACTS)


def test_the_story_reaches_the_topics_of_every_context(records: list[Raw]) -> None:
    count = Counter(record.topic for record in records)
    sources = {json.loads(r.value)["source"] for r in records if "." not in r.topic}
    assert {"PartnerEnrolled", "LeadAssigned", "OrderApproved", "PaymentReceived"} <= {*count}
    assert {"RebateSettled", "RebateAdjusted", "TargetSet", "PaymentReported.rejected"} <= {*count}
    assert {"/partners", "/leads", "/orders", "/rebates", "/forecast"} <= sources
    assert len(records) > 100


def test_every_record_is_what_data_teams_were_promised(records: list[Raw]) -> None:
    wrong = {record.topic: told for record in records if (told := faults(record))}
    assert wrong == {}


def test_every_record_is_what_asyncapi_says_of_its_topic(records: list[Raw]) -> None:
    validators: dict[str, Draft202012Validator] = {}
    for record in records:
        if record.topic.endswith(".rejected"):
            continue
        if record.topic not in validators:
            payload = TOLD["components"]["messages"][record.topic]["payload"]
            whole = {**payload, "components": TOLD["components"]}
            validators[record.topic] = Draft202012Validator(whole, validate_formats=True)
        validators[record.topic].validate(json.loads(record.value))


def test_what_a_request_was_traced_by_reaches_the_facts_of_other_contexts(
    records: list[Raw],
) -> None:
    traced = {r.topic for r in records if b"traceparent" in r.value}
    assert {"OrderApproved", "PaymentReceived"} <= traced


Change = Callable[[dict[str, Any]], Any]
PLANTED: dict[str, tuple[Change, str]] = {
    "no id": (lambda e: e.pop("id"), "id is missing"),
    "no SDK event": (lambda e: e.update(id=""), "the CloudEvents SDK says"),
    "another version": (lambda e: e.update(specversion="0.3"), "the CloudEvents SDK says"),
    "time without offset": (lambda e: e.update(time="2026-01-05T09:00:00"), "time is "),
    "no instant": (lambda e: e.update(time="yesterday"), "the CloudEvents SDK says"),
    "an upper case name": (lambda e: e.update(traceParent="1"), "no name of an attribute"),
    "a long name": (lambda e: e.update({"a" * 21: "1"}), "no name of an attribute"),
    "an underscore": (lambda e: e.update(occurred_at="1"), "no name of an attribute"),
    "an object": (lambda e: e.update(actor={"id": "pat"}), "no value of an attribute"),
    "a float": (lambda e: e.update(cost=1.5), "no value of an attribute"),
    "a control character": (lambda e: e.update(actor="pat\n"), "no attribute has"),
    "a lone surrogate": (lambda e: e.update(actor="\ud800"), "no attribute has"),
    "a relative schema": (lambda e: e.update(dataschema="/x/P.v1.json"), "no absolute URI"),
    "another schema": (lambda e: e.update(dataschema="a:/OrderHeld.v1.json"), "dataschema names"),
    "a version to come": (
        lambda e: e.update(dataschema=e["dataschema"].replace("v1", "v9")),
        "is not committed",
    ),
    "bytes": (lambda e: e.update(datacontenttype="text/plain"), "datacontenttype"),
    "another type": (lambda e: e.update(type="OrderHeld"), "a OrderHeld on PaymentReceived"),
    "another key": (lambda e: e.update(partitionkey="somebody"), "not the partitionkey"),
    "a number": (lambda e: e.update(sequence=1), "sequence is missing"),
    "version 0": (lambda e: e.update(sequence="0"), "sequence is 0"),
    "no cause": (lambda e: e.update(causationid="lead-1"), "causationid is lead-1"),
    "no trace": (lambda e: e.update(traceparent="00-1-2-01"), "traceparent is"),
    "a zero trace": (
        lambda e: e.update(traceparent=f"00-{'0' * 32}-{'1' * 16}-00"),
        "traceparent",
    ),
    "nobody": (lambda e: e.pop("actor"), "actor is missing"),
    "no tenant": (lambda e: e.pop("tenant"), "tenant is missing"),
    "no business time": (lambda e: e.pop("occurredat"), "occurredat is missing"),
    "a float amount": (lambda e: e["data"]["amount"].update(amount=1.5), "data/amount/amount"),
    "a field less": (lambda e: e["data"].pop("paid_on"), '"paid_on" is a required property'),
    "no day": (lambda e: e["data"].update(paid_on="2026-02-30"), "data/paid_on"),
    "no data": (lambda e: e.pop("data"), "data/"),
}


def first(records: list[Raw], topic: str) -> Raw:
    return next(record for record in records if record.topic == topic)


@pytest.mark.parametrize(("plant", "told"), PLANTED.values(), ids=PLANTED)
def test_a_planted_fault_is_told(records: list[Raw], plant: Change, told: str) -> None:
    record = first(records, "PaymentReceived")
    event = json.loads(record.value)
    plant(event)
    assert told in " ".join(faults(replace(record, value=json.dumps(event).encode())))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"headers": {}}, "content-type"),
        ({"headers": {"content-type": b"application/json"}}, "content-type"),
        ({"key": b"somebody"}, "not the partitionkey"),
        ({"key": b""}, "not the partitionkey"),
        ({"topic": "OrderHeld"}, "a PaymentReceived on OrderHeld"),
        ({"value": b"\xff"}, "no JSON"),
        ({"value": b"[]"}, "no object"),
        ({"value": b'{"id": "1", "id": "2"}'}, "a name twice"),
    ],
)
def test_a_planted_fault_of_the_record_is_told(
    records: list[Raw], change: dict[str, Any], told: str
) -> None:
    record = replace(first(records, "PaymentReceived"), **change)
    assert told in " ".join(faults(record))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"value": b"{}"}, "not the bytes"),
        ({"key": b"1"}, "no UUID"),
        ({"headers": {}}, "qudao-slug is missing"),
    ],
)
def test_a_planted_fault_of_a_rejection_is_told(
    records: list[Raw], change: dict[str, Any], told: str
) -> None:
    record = first(records, "PaymentReported.rejected")
    assert faults(replace(record, value=b"")) == []  # forgotten, or older than 30 days
    assert told in " ".join(faults(replace(record, **change)))


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("qudao-slug", b"Too late"),
        ("qudao-log", b"LeadCaptured/0@1"),
        ("qudao-log", b"PaymentReported/0@0"),
        ("qudao-sha256", sha256(b"other").hexdigest()[1:].encode()),
    ],
)
def test_a_planted_fault_of_a_rejections_headers_is_told(
    records: list[Raw], header: str, value: bytes
) -> None:
    record = first(records, "PaymentReported.rejected")
    headers = {**record.headers, header: value}
    assert f"the header {header} is " in " ".join(faults(replace(record, headers=headers)))
