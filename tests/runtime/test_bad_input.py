"""Whatever is sent is answered with a typed problem, and never with a 500."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from shared.kernel.errors import Behind, DiskFull, Refused, Unreachable
from shared.runtime.guard import HEARD_OUT
from shared.runtime.problems import answer
from shared.testing.platform import Bed
from tests.kernel.malformed import cases
from tests.runtime.door import ENROL, ask, problem, stored

JSON = {"content-type": "application/json"}


async def endless(sent: list[int]) -> AsyncIterator[bytes]:
    while True:
        sent.append(1)
        yield b" " * 65_536


async def test_a_body_over_the_limit_is_cut_off(bed: Bed) -> None:
    limit = bed.house.settings.body_limit
    filler = b" " * (limit - 2)
    fits = await ask(bed, "POST", "/v1/partners", content=b"{" + filler + b"}", headers=JSON)
    problem(fits, 422, "request-malformed")
    over = await ask(bed, "POST", "/v1/partners", content=b"{" + filler + b" }", headers=JSON)
    problem(over, 413, "body-too-large")
    huge = await ask(bed, "POST", "/v1/partners", content=b" " * (10 << 20), headers=JSON)
    problem(huge, 413, "body-too-large")
    sent: list[int] = []
    chunked = await ask(bed, "POST", "/v1/partners", content=endless(sent), headers=JSON)
    problem(chunked, 413, "body-too-large")
    assert len(sent) * 65_536 <= limit + HEARD_OUT + 2 * 65_536
    problem(
        await bed.http.post("/v1/tokens", content=endless([]), headers=JSON), 413, "body-too-large"
    )


def framed(value: bytes) -> bytes:
    return b'{"partner_id":"p1","type":"agent","level":' + value + b"}"


async def test_whatever_is_sent_is_answered_with_a_problem(bed: Bed) -> None:
    for case in cases(framed):
        for path in ("/v1/partners", "/v1/partners/p1/credit-limit"):
            answer = await ask(bed, "POST", path, content=case, headers=JSON)
            problem(answer, 422, "request-malformed")
    assert await stored(bed) == 0


@pytest.mark.parametrize(
    "body",
    [
        b'{"partner_id":"p1","partner_id":"p2","type":"a","level":"b"}',
        b'{"partner_id":"p1","type":"a","level":"b","\\ud800":1}',
        b'{"partner_id":"p1","type":"a","level":"b","more":1}',
        b'{"partner_id":"p1","type":"a","level":"b","' + b"k" * 100_000 + b'":1}',
        b'{"partner_id":"../p1","type":"a","level":"b"}',
        b'{"partner_id":"p1","type":"   ","level":"b"}',
        b'{"partner_id":"p1","type":"a","level":"b","at":"2026-01-01T00:00:00"}',
        b'{"partner_id":"p1","type":"a","level":"b","at":1e400}',
        b'{"partner_id":"p1","type":"a","level":"b","regions":"east"}',
    ],
)
async def test_a_body_of_the_wrong_shape_is_refused(bed: Bed, body: bytes) -> None:
    answer = await ask(bed, "POST", "/v1/partners", content=body, headers=JSON)
    problem(answer, 422, "request-malformed")
    assert len(answer.content) < 2_000
    assert await stored(bed) == 0


@pytest.mark.parametrize(
    "amount",
    [
        b'"NaN"',
        b'"Infinity"',
        b'"1e3"',
        b'"1E400"',
        b'"1,000.00"',
        b'" 1"',
        b'"-0.0000001"',
        b'"' + b"9" * 5_000 + b'"',
        b"1",
        b"1.5",
        b"NaN",
        b'"\xd9\xa1"',
    ],
)
async def test_an_amount_is_a_plain_decimal_string(bed: Bed, amount: bytes) -> None:
    await ask(bed, "POST", "/v1/partners", json=ENROL)
    body = b'{"limit":{"amount":' + amount + b',"currency":"CNY"}}'
    path = "/v1/partners/p1/credit-limit"
    answer = await ask(bed, "POST", path, content=body, headers={**JSON, "Idempotency-Key": "x"})
    problem(answer, 422, "request-malformed")


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/xml", "multipart/form-data", "x", "application/"]
)
async def test_a_body_that_is_not_json_is_refused(bed: Bed, kind: str | None) -> None:
    content = b'{"partner_id":"p1","type":"agent","level":"gold"}'
    answer = await ask(
        bed, "POST", "/v1/partners", content=content, headers={"content-type": kind}
    )
    problem(answer, 422, "request-malformed")
    assert await stored(bed) == 0


async def test_the_clock_takes_no_instant_that_it_could_not_come_back_from(bed: Bed) -> None:
    for instant in ("9999-12-31T23:59:59-12:00", "9999-12-31T23:59:59Z"):
        answer = await ask(bed, "POST", "/v1/clock", json={"advance_to": instant})
        problem(answer, 409, "clock-too-far")
    early = await ask(bed, "POST", "/v1/clock", json={"advance_to": "0001-01-01T00:00:00+14:00"})
    problem(early, 409, "clock-backwards")
    naive = await ask(bed, "POST", "/v1/clock", json={"advance_to": "2027-01-01T00:00:00"})
    problem(naive, 422, "request-malformed")


async def test_the_clock_goes_ten_years_at_once_and_no_further(bed: Bed) -> None:
    start = bed.platform.clock()
    far = (start + timedelta(days=3661)).isoformat()
    answer = await ask(bed, "POST", "/v1/clock", json={"advance_to": far})
    problem(answer, 409, "clock-too-far")
    assert bed.platform.clock() == start


async def test_an_instant_must_be_one_in_every_zone(bed: Bed) -> None:
    for instant in ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"):
        answer = await ask(bed, "POST", "/v1/partners", json=ENROL | {"at": instant})
        problem(answer, 422, "request-malformed")
    for n, instant in enumerate(("0002-01-01T00:00:00+14:00", "9998-12-31T23:59:59-14:00")):
        body = ENROL | {"partner_id": f"p{n}", "at": instant}
        key = {"Idempotency-Key": instant}
        assert (await ask(bed, "POST", "/v1/partners", json=body, headers=key)).is_success
    await bed.settle()
    assert len((await ask(bed, "GET", "/v1/partners")).json()["items"]) == 2


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("/v1/events", {"context": "partners", "after": "9" * 30}),
        ("/v1/events", {"context": "partners", "after": "-1"}),
        ("/v1/events", {"context": "partners", "after": "9" * 5_000}),
        ("/v1/events", {"context": "nobody"}),
        ("/v1/events", {"context": "partners", "limit": "0"}),
        ("/v1/events", {"context": "partners", "limit": "201"}),
        ("/v1/partners", {"limit": "nan"}),
        ("/v1/partners", {"cursor": "x"}),
        ("/v1/partners", {"cursor": "\x00"}),
        ("/v1/partners", {"cursor": "A" * 2_049}),
        ("/v1/partners", {"cursor": "WzEsMiwzXQ=="}),
        ("/v1/partners", {"level": "x" * 201}),
        ("/v1/settled", {"timeout": "nan"}),
        ("/v1/settled", {"timeout": "inf"}),
        ("/v1/settled", {"timeout": "0"}),
        ("/v1/settled", {"timeout": "301"}),
    ],
)
async def test_a_question_of_the_wrong_shape_is_refused(
    bed: Bed, path: str, params: dict[str, str]
) -> None:
    answer = await ask(bed, "GET", path, params=params)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


PATHS = [
    "%00",
    "%ED%A0%80",
    "%FF",
    "..%2F..",
    "%2e%2e",
    "x" * 65,
    "a b",
    "渠道",
    "%0d%0aX: y",
    "'",
]


@pytest.mark.parametrize("part", PATHS)
async def test_a_path_may_be_anything(bed: Bed, part: str) -> None:
    for path in (f"/v1/partners/{part}", f"/v1/streams/{part}", f"/v1/streams/partners.{part}"):
        answer = await ask(bed, "GET", path)
        assert answer.status_code in {404, 422}, answer.text
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (Refused("rate-exceeded", "close one"), 429),
        (Refused("feed-unavailable", "no bus"), 503),
        (Behind("read-behind", "ask again"), 503),
        (Unreachable("the broker is gone"), 503),
        (DiskFull("no room"), 507),
        (Refused("order-exists", "choose another id"), 409),
    ],
)
def test_what_helps_later_says_when(error: Exception, status: int) -> None:
    told = answer(error)
    assert told.status_code == status
    assert ("Retry-After" in told.headers) == (status in {429, 503, 507})
