"""The door for claims: a good one becomes our fact, a bad one is rejected where all can see it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from shared.contracts.ids import named
from shared.kernel.admission import LARGEST
from shared.kernel.claim import Claimed
from shared.kernel.policy import Asked
from shared.kernel.ports import Record
from shared.kernel.schema import strictly
from tests.kernel.conftest import START, Toys
from tests.kernel.malformed import cases
from tests.kernel.things import BELIEVE, THINGS, WATCH, believe

TOPIC = "ThingReported"
DATA = {"thing_id": "t1", "partner_id": "acme", "price": 3}


def event(id_: str = "1", data: object = None, **other: Any) -> bytes:
    told = {"specversion": "1.0", "id": id_, "source": "/erp", "type": TOPIC, "data": DATA}
    return json.dumps(told | ({"data": data} if data is not None else {}) | other).encode()


async def report(toys: Toys, *claims: bytes) -> None:
    bus = toys.ports["things"].bus
    await bus.publish([Record(TOPIC, f"any{n}", claim) for n, claim in enumerate(claims)])
    await toys.settle()


async def rejected(toys: Toys) -> list[Record]:
    found = await toys.ports["things"].bus.fetch([f"{TOPIC}.rejected"], after={}, limit=9_999)
    return [delivery.record for delivery in found]


async def slugs(toys: Toys) -> list[str]:
    return sorted(record.headers["qudao-slug"] for record in await rejected(toys))


async def test_a_claim_becomes_our_own_fact(toys: Toys) -> None:
    await toys.host()
    await report(toys, event())
    (made, _) = await toys.ports["things"].store.read("things.thing-t1")
    assert (made.commandid, made.actor) == (named("/erp", "1"), "/erp")
    assert (await toys.thing("t1")).price == 3
    assert await rejected(toys) == []


async def test_the_same_claim_again_is_done_once(toys: Toys) -> None:
    await toys.host()
    await report(toys, event(), event())
    await report(toys, event())
    assert await toys.types() == ["ThingMade", "ThingPainted"]
    assert await rejected(toys) == []


async def test_the_same_id_with_another_body_is_rejected(toys: Toys) -> None:
    await toys.host()
    await report(toys, event())
    await report(toys, event(data=DATA | {"price": 4}))
    assert await slugs(toys) == ["idempotency-key-reused"]
    assert (await toys.thing("t1")).price == 3


async def test_ids_are_the_senders_own(toys: Toys) -> None:
    await toys.host()
    await report(toys, event(), event(data=DATA | {"thing_id": "t2"}, source="/crm"))
    assert ((await toys.thing("t1")).price, (await toys.thing("t2")).price) == (3, 3)


async def test_a_rejection_carries_the_untouched_bytes_and_the_reason(toys: Toys) -> None:
    await toys.host()
    raw = b'  {"specversion" : "1.0",\t"id":"1","name":"\xe6\xb8\xa0\xe9\x81\x93" '
    await report(toys, raw)
    (record,) = await rejected(toys)
    assert record.value == raw
    assert record.headers["qudao-slug"] == "claim-malformed"
    assert record.headers["qudao-sha256"] == sha256(raw).hexdigest()
    log, _, position = record.headers["qudao-log"].partition("@")
    assert (log.rpartition("/")[0], position) == (TOPIC, "1")
    (fact,) = [e for _, e in await toys.ports["things"].store.follow(after=0, limit=9)]
    assert (fact.type, fact.subject.partition("-")[0]) == ("ClaimRejected", "things.rejection")
    assert "渠道".encode() not in fact.data


async def test_a_rule_that_refuses_rejects_with_its_own_slug(toys: Toys) -> None:
    await toys.host()
    await toys.make("t1")
    await report(toys, event(data=DATA | {"price": -1}), event("2"))
    assert await slugs(toys) == ["price-negative", "thing-exists"]


@pytest.mark.parametrize("schema", ["/schemas/ThingReported.v1.json", "https://erp/thing.v7.json"])
async def test_a_sender_may_name_our_schema_or_its_own(toys: Toys, schema: str) -> None:
    await toys.host()
    await report(toys, event(dataschema=schema))
    assert await slugs(toys) == []


@pytest.mark.parametrize(
    ("claim", "slug"),
    [
        (event(specversion="0.3"), "claim-version-unknown"),
        (event(type="ThingReportedV2"), "claim-version-unknown"),
        (event(type="ThingMade"), "claim-version-unknown"),
        (event(dataschema="/schemas/ThingReported.v9.json"), "claim-version-unknown"),
        (event(id=""), "claim-malformed"),
        (event(id="x" * 501), "claim-malformed"),
        (event(id=7), "claim-malformed"),
        (event(source=None), "claim-malformed"),
        (event(data=[]), "claim-malformed"),
        (event(data="text"), "claim-malformed"),
        (event(data={}), "claim-malformed"),
        (event(data=DATA | {"price": "3"}), "claim-malformed"),
        (event(data=DATA | {"price": 3.5}), "claim-malformed"),
        (event(data=DATA | {"price": True}), "claim-malformed"),
        (event(data=DATA | {"thing_id": "../x"}), "claim-malformed"),
        (event(data=DATA | {"thing_id": ""}), "claim-malformed"),
        (event(data=DATA | {"seen_at": "2026-01-01T09:00:00"}), "claim-malformed"),
        (event(data=DATA | {"seen_at": 1_767_225_600}), "claim-malformed"),
        (event(data=DATA | {"seen_at": "yesterday"}), "claim-malformed"),
        (event(data=DATA | {"seen_at": "0001-01-01T00:00:00+14:00"}), "claim-malformed"),
        (event(data=DATA | {"seen_at": "9999-12-31T23:59:59-14:00"}), "claim-malformed"),
        (event(data=DATA | {"more": "x" * LARGEST}), "claim-too-large"),
        (event().replace(b'"id"', b'"id":"0","id"'), "claim-malformed"),
        (event().replace(b'"price": 3', b'"price": 3, "price": 3'), "claim-malformed"),
        (event().replace(b'"price": 3', b'"price": NaN'), "claim-malformed"),
        (event().replace(b'"price": 3', b'"price": 3, "more": NaN'), "claim-malformed"),
        (event().replace(b'"price": 3', b'"price": 3, "more": "\\ud800"'), "claim-malformed"),
    ],
)
async def test_a_claim_of_the_wrong_shape_is_rejected(toys: Toys, claim: bytes, slug: str) -> None:
    await toys.host()
    await report(toys, claim)
    assert await slugs(toys) == [slug]
    assert await toys.types() == ["ClaimRejected"]
    assert await toys.parked() == []


def framed(value: bytes) -> bytes:
    return event().replace(b'"t1"', value)


async def test_whatever_comes_is_rejected_and_the_loop_goes_on(toys: Toys) -> None:
    await toys.host()
    bad = [case for case in cases(framed) if case]
    bad += [event().replace(b'"1"', value, 1) for value in (b"1", b"NaN", b'"\\ud800"')]
    await report(toys, *bad, event())
    assert await slugs(toys) == ["claim-malformed"] * len(bad)
    assert {record.value for record in await rejected(toys)} == {*bad}
    assert (await toys.thing("t1")).price == 3
    assert await toys.parked() == []


@pytest.mark.parametrize("text", [rb'"\ud800"', rb'{"\udfff":1}', rb'["\ud83d\u0041"]'])
def test_half_a_character_is_none(text: bytes) -> None:
    with pytest.raises(ValueError, match="surrogates"):
        strictly(text)
    assert strictly(rb'"\ud83d\ude00"') == "😀"


async def test_an_empty_record_is_rejected_too(toys: Toys) -> None:
    await toys.host()
    await report(toys, b"")
    assert [record.value for record in await rejected(toys)] == [b""]


async def test_the_detail_says_where_and_never_what(toys: Toys) -> None:
    await toys.host()
    secret = "13800138000"
    await report(
        toys,
        event(data=DATA | {"thing_id": {"phone": secret}}),
        event(data=DATA | {"price": secret}),
        event(specversion=[secret]),
        event() + secret.encode(),
        event(data={secret: secret}),
        event().replace(b'"price"', f'"{secret}":1,"{secret}"'.encode()),
    )
    details = [record.headers["qudao-detail"] for record in await rejected(toys)]
    assert len(details) == 6
    assert all(secret not in detail for detail in details)
    assert "thing_id: string_type" in details
    facts = [e.data for _, e in await toys.ports["things"].store.follow(after=0, limit=99)]
    assert all(secret.encode() not in data for data in facts)


async def test_the_bytes_of_a_claim_are_kept_for_thirty_days(toys: Toys) -> None:
    await toys.host()
    await report(toys, b"{", event())
    people = toys.ports["things"].people
    ids = [await raw_id(toys, b"{"), await raw_id(toys, event())]
    await toys.advance(30 * 24 * 60 - 1)
    assert [await people.raw(id_) for id_ in ids] == [b"{", event()]
    await toys.advance(30 * 24 * 60 + 120)
    assert [await people.raw(id_) for id_ in ids] == [None, None]


async def raw_id(toys: Toys, raw: bytes) -> Any:
    for delivery in await toys.ports["things"].bus.fetch([TOPIC], after={}, limit=99):
        if delivery.record.value == raw:
            return named(delivery.log, delivery.position, sha256(raw).hexdigest())
    raise AssertionError(raw)


async def test_a_rejection_that_is_sent_again_after_thirty_days_has_only_its_reason(
    toys: Toys,
) -> None:
    await toys.host()
    await report(toys, b"{")
    await toys.advance(31 * 24 * 60)
    await toys.host()  # the relay's overlap sends it again
    await toys.settle()
    assert [record.value for record in await rejected(toys)] == [b"{", b""]
    assert await slugs(toys) == ["claim-malformed"] * 2


async def test_a_bug_of_ours_parks_a_claim_instead_of_rejecting_it(toys: Toys) -> None:
    async def buggy(claim: Any, claimed: Claimed, *more: Any) -> Iterable[Asked]:
        if claim.price == 13:
            raise ZeroDivisionError("ours")
        asked: Iterable[Asked] = await believe(claim, claimed, *more)
        return asked

    await toys.host(replace(THINGS, claims=(replace(BELIEVE, react=buggy),)), WATCH)
    await report(toys, event(data=DATA | {"price": 13}), event("2"))
    assert await rejected(toys) == []
    assert [one["error"] for one in await toys.parked()] == ["ZeroDivisionError: ours"]
    await toys.host()
    toys.clock.set(START + timedelta(minutes=1))
    await toys.settle()
    assert (await slugs(toys), await toys.parked()) == (["thing-exists"], [])


async def test_two_commands_of_a_claim_for_one_stream_are_a_bug(toys: Toys) -> None:
    async def greedy(*told: Any) -> Sequence[Asked]:
        return [*await believe(*told)] * 2

    await toys.host(replace(THINGS, claims=(replace(BELIEVE, react=greedy),)), WATCH)
    await report(toys, event())
    assert [one["error"][:11] for one in await toys.parked()] == ["TwoCommands"]
    assert await toys.types() == []
