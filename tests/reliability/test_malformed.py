"""B6, B7, B8: what nobody can read, what is newer than we are, and what is too large.

One corpus through the front door and through the bus: each record gets a typed error or a visible
rejection with its own bytes; nothing is lost, nothing is stored of it, and nothing is a 500.
"""

import json
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from httpx2 import Response

from shared.contracts.ids import named
from shared.kernel.admission import LARGEST
from shared.kernel.ports import Record
from shared.runtime.guard import HEARD_OUT
from shared.runtime.worker import Worker
from shared.testing.platform import Bed, platform
from tests.reliability.corpus import broken, claim, told, whole
from tests.reliability.looking import documents, every, records, stored
from tests.reliability.redelivery import recorded, repeated
from tests.reliability.tally import Tally

pytestmark = [pytest.mark.slow, pytest.mark.reliability, pytest.mark.timeout(1_800)]
JSON = {"content-type": "application/json"}
KAFKA = 4 << 20  # the largest record that our topics take
CHUNK = 65_536


@pytest.fixture
async def bed(tmp_path: Path) -> AsyncIterator[Bed]:
    async with platform(tmp_path) as hosted:
        partner = {"partner_id": "p1", "type": "agent", "level": "gold"}
        await hosted.post("/v1/partners", partner)
        await hosted.settle()
        yield hosted


async def paid(bed: Bed, key: str, content: Any) -> Response:
    headers = {"Authorization": f"Bearer {bed.token('finance')}", "Idempotency-Key": key}
    return await bed.http.post("/v1/payments", content=content, headers=headers | JSON)


def untyped(answer: Response, statuses: Sequence[int] = (422,)) -> bool:
    if answer.status_code not in statuses:
        return True
    body = answer.json()
    return not body["slug"] or body["status"] != answer.status_code


async def test_each_malformed_body_is_answered_with_a_typed_error(bed: Bed, tally: Tally) -> None:
    bodies, wrong, before = [*whole(), *broken()], list[str](), await stored(bed)
    for number, body in enumerate(bodies):
        answer = await paid(bed, f"bad-{number}", body)
        if untyped(answer):
            wrong.append(f"{body[:200]!r}: {answer.status_code} {answer.text[:200]}")
    left = await stored(bed)
    assert (await paid(bed, "good", told({}))).status_code == 201
    await bed.settle()
    tally(
        "B7 malformed bodies",
        {"bodies": len(bodies)},
        seen={"different ones": len({*bodies})},
        never={
            "answered without a typed error": wrong,
            "contexts that stored something": [n for n in before if before[n] != left[n]],
        },
    )


async def test_each_malformed_claim_is_rejected_with_its_own_bytes(bed: Bed, tally: Tally) -> None:
    sent = [*whole(), *(claim(n, data) for n, data in enumerate(broken()))]
    good = [claim(10_000 + n, told({"document_no": f"good-{n}"})) for n in range(len(sent) // 9)]
    mixed = [*sent]
    for n, one in enumerate(good):
        mixed.insert(n * 10, one)
    topic = "PaymentReported"
    await bed.platform.bus.publish([Record(topic, f"k{n % 7}", r) for n, r in enumerate(mixed)])
    await bed.settle()
    rejected = await records(bed.platform.bus, [f"{topic}.rejected"])
    back, expected = Counter(one.value for one in rejected), Counter(sent)
    orders = bed.platform.workers["orders"]
    received = {row["document_no"] for row in await every(orders, "orders.payments")}
    facts = [
        envelope.type for _, envelope in await orders.ports.store.follow(after=0, limit=9_999)
    ]
    tally(
        "B7 malformed claims",
        {"claims": len(sent)},
        seen={"good ones between": len(good), "rejections": len(rejected)},
        never={
            "lost": [*(expected - back)],
            "rejected twice, or good": [*(back - expected)],
            "without a slug": [one for one in rejected if not one.headers.get("qudao-slug")],
            "good ones lost": {f"good-{n}" for n in range(len(good))} - received,
            "payments from nothing": range(facts.count("ReceiptRecorded") - len(good)),
        },
    )
    assert facts.count("ClaimRejected") == len(sent)


async def test_each_unreadable_fact_is_parked_for_each_reader_and_stops_nobody(
    tmp_path: Path, tally: Tally
) -> None:
    trade = await recorded(tmp_path / "trade", 1)
    good = [one for one in trade.published if one.topic == "PaymentReceived"]
    junk = [*whole(), *(unreadable(good[0]))]
    wrong, parked = list[str](), 0
    for context in ("rebates", "forecast", "notifications"):
        folder = tmp_path / context
        folder.mkdir()
        async with platform(folder, contexts=[context]) as bed:
            worker = bed.platform.workers[context]
            mixed = [Record("PaymentReceived", "p1", raw) for raw in junk]
            for n, one in enumerate(good):
                mixed.insert(3 * n, one)
            await bed.platform.bus.publish(mixed)
            await bed.platform.settle(60)
            found = await every(worker, f"{context}.parked")
            parked += len(found)
            places = Counter((one["consumer"], one["log"], one["position"]) for one in found)
            wrong += [f"{context}: {one}" for one in await missed(worker, mixed, good, places)]
    tally(
        "B7 unreadable facts",
        {"records": len(junk)},
        seen={"parked, of three readers": parked, "good ones between": len(good)},
        never={"not parked, or not once, or good": wrong},
    )
    assert parked == 3 * len(junk)


def unreadable(one: Record) -> list[bytes]:
    """A good fact without one of its attributes, or with one that is none, or other data."""
    event = json.loads(one.value)
    needed = {*event} - {"tenant", "datacontenttype", "traceparent", "specversion"}
    strange = ("id", "time", "correlationid", "commandid", "occurredat", "sequence")
    values: tuple[Any, ...] = ("x", 7, [], {})
    data = event["data"]
    datas = [data | {"amount": 1.5}, data | {"paid_on": "x"}, data | {"revision": "x"}]
    found: list[dict[str, Any]] = [
        *({n: v for n, v in event.items() if n != name} for name in sorted(needed)),
        *(event | {name: value} for name in strange for value in values),
        *(event | {"data": wrong} for wrong in (*datas, [], "x", 7, {"partner_id": "p1"})),
    ]
    for n, each in enumerate(found):
        if each.get("id") == event["id"]:  # or readers would drop it as a repeat
            each["id"] = str(named("unreadable", n))
    return [json.dumps(each).encode() for each in found]


async def missed(
    worker: Worker, mixed: Sequence[Record], good: Sequence[Record], places: Counter[Any]
) -> list[str]:
    """Every place but those of good records is parked once, and the good ones are done."""
    wrong = [f"{one} is parked {count} times" for one, count in places.items() if count > 1]
    expected = len(mixed) - len(good)
    if len(places) != expected:
        wrong.append(f"{len(places)} are parked, not {expected}")
    store = worker.ports.store
    facts = [envelope for _, envelope in await store.follow(after=0, limit=9_999)]
    causes = {str(one.causationid) for one in facts}
    done = [one for one in good if json.loads(one.value)["id"] in causes]
    return [*wrong, *([f"{len(good) - len(done)} good ones"] if len(done) < len(good) else [])]


async def test_a_newer_version_is_parked_and_an_unknown_type_is_counted(
    tmp_path: Path, tally: Tally
) -> None:
    """B6: a new producer before an old consumer; what is known flows on."""
    trade = await recorded(tmp_path / "trade", 2)
    payments = [one for one in trade.published if one.topic.startswith("Payment")]
    newer = [versioned(one) for one in payments]
    strangers = [typed(one, "PaymentDreamtOf") for one in payments]
    wrong, parked, skipped, total = list[str](), 0, 0, 0
    for context in ("rebates", "forecast"):
        clean, _ = await seen_by(tmp_path / f"{context}-clean", context, payments)
        mixed = [*newer, *repeated(payments, Random(1)), *strangers]
        found, worker = await seen_by(tmp_path / context, context, mixed)
        parked, skipped = parked + worker["parked"], skipped + worker["skipped"]
        total += len(newer)
        wrong += [context] if found != clean else []
    tally(
        "B6 newer versions",
        {"records": total},
        seen={"parked": parked, "of unknown types counted": skipped},
        never={"readers that guessed or lost": wrong},
    )
    assert (parked, skipped) == (total, total)


def versioned(one: Record) -> Record:
    event = json.loads(one.value)
    event["dataschema"] = event["dataschema"].replace(".v1.", ".v2.")
    event["id"] = event["id"][:-1] + ("0" if event["id"][-1] != "0" else "1")
    event["data"]["revision"] += 100
    return Record(one.topic, one.key, json.dumps(event).encode(), one.headers)


def typed(one: Record, type_: str) -> Record:
    return Record(one.topic, one.key, json.dumps(json.loads(one.value) | {"type": type_}).encode())


async def seen_by(
    folder: Path, context: str, facts: Sequence[Record]
) -> tuple[dict[str, list[str]], dict[str, int]]:
    folder.mkdir()
    async with platform(folder, contexts=[context]) as bed:
        worker = bed.platform.workers[context]
        await bed.platform.bus.publish(facts)
        await bed.platform.settle(60)
        found = await documents(worker, without={"forecast.timers": {"set_by"}})
        counts = {
            "parked": len(await every(worker, f"{context}.parked")),
            "skipped": sum(worker.skipped().values()),
        }
        return found, counts


async def test_what_is_too_large_is_refused_at_both_doors(bed: Bed, tally: Tally) -> None:
    """B8: at the limit, one byte beyond, far beyond, and without an end."""
    limit, wrong = bed.house.settings.body_limit, list[str]()
    body = told({"document_no": "full"})
    assert (await paid(bed, "full", body.ljust(limit))).status_code == 201
    chunks: list[int] = []
    for key, content in (
        ("over", body.ljust(limit + 1)),
        ("far", body.ljust(10 << 20)),
        ("endless", endless(chunks)),
    ):
        answer = await paid(bed, key, content)
        wrong += [f"{key}: {answer.status_code}"] if untyped(answer, (413,)) else []
    beyond = max(0, len(chunks) * CHUNK - limit - HEARD_OUT - 2 * CHUNK)
    sizes = {size: claim(size, told({"document_no": f"c-{size}"})) for size in (1, 2, 3)}
    sent = [
        sizes[1].ljust(LARGEST),
        sizes[2].ljust(LARGEST + 1),
        sizes[3].ljust(10 << 20),
    ]
    await bed.platform.bus.publish([Record("PaymentReported", "k", one) for one in sent])
    await bed.settle()
    rejected = await records(bed.platform.bus, ["PaymentReported.rejected"])
    slugs = [one.headers["qudao-slug"] for one in rejected]
    wrong += [] if slugs == ["claim-too-large"] * 2 else [f"{slugs}"]
    rows = await every(bed.platform.workers["orders"], "orders.payments")
    told_ = {row["document_no"] for row in rows}
    wrong += [] if told_ == {"full", "c-1"} else [f"{told_}"]
    tally(
        "B8 oversized",
        {"sizes": 7},
        seen={"chunks of an endless body": len(chunks)},
        never={"taken or refused wrongly": wrong, "bytes read beyond the bound": range(beyond)},
    )


async def endless(sent: list[int]) -> AsyncIterator[bytes]:
    chunk = b" " * CHUNK
    while True:
        sent.append(1)
        yield chunk


async def test_the_largest_order_that_the_door_takes_fits_through_the_bus(
    bed: Bed, tally: Tally
) -> None:
    """B8: nothing fits the store and not the topics."""
    limit, text = bed.house.settings.body_limit, "𝄞" * 57
    line = {"quantity": "9" * 12, "unit_price": {"amount": "0.000001", "currency": "CNY"}}
    lines = [
        line | {"line": n, "sku": f"{text}{n:05}", "product_line": f"{text}{n:05}"}
        for n in range(1, 1_001)
    ]
    order = {"order_id": "o1", "partner_id": "p1", "region": text, "currency": "CNY"}
    body = json.dumps(order | {"lines": lines}, ensure_ascii=False).encode()
    assert limit * 0.5 < len(body) <= limit, len(body)
    headers = {"Authorization": f"Bearer {bed.token('sales')}", "Idempotency-Key": "large"}
    answer = await bed.http.post("/v1/orders", content=body, headers=headers | JSON)
    assert answer.status_code == 201, answer.text[:300]
    await bed.settle()
    topics = {t for w in bed.platform.workers.values() for t in w.context.published}
    found = await records(bed.platform.bus, topics)
    largest = max(len(one.value) for one in found)
    tally(
        "B8 largest order",
        {"bytes asked": len(body)},
        seen={"bytes published": largest},
        never={"records too large for a topic": [o.topic for o in found if len(o.value) > KAFKA]},
    )
