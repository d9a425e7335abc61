"""What we write, everybody reads: our codec, our door for claims, a foreign JSON Schema reader."""

import json
import types
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft202012Validator
from pydantic import StringConstraints

from shared.contracts.event import Envelope, Event
from shared.contracts.inbound import LeadCaptured, PaymentReported
from shared.contracts.money import Amount, Currency
from shared.kernel.codec import Codec, encode, pack, unpack
from shared.kernel.errors import Malformed, UnknownVersion
from shared.kernel.schema import admit, schema, strictly
from tests.architecture.sources import published

FACTS = {fact.__name__: fact for fact in published()}
NOW = datetime(2026, 1, 1, tzinfo=UTC)
UTF8, ASCII = st.characters(codec="utf-8"), st.characters(codec="ascii")
LEAVES: list[tuple[Any, st.SearchStrategy[Any]]] = [
    (Amount, st.decimals(min_value=Decimal("-1e9"), max_value=Decimal("1e9"), places=2)),
    (Currency, st.sampled_from(["CNY", "USD", "JPY", "KWD"])),
    (str, st.text(UTF8, max_size=9)),
    (bool, st.booleans()),
    (int, st.integers(min_value=-(2**53), max_value=2**53)),
    (date, st.dates(min_value=date(1900, 1, 1))),
    (datetime, st.datetimes(timezones=st.just(UTC)).filter(lambda at: 1_900 < at.year < 9_999)),
    (UUID, st.uuids()),
    (type(None), st.none()),
]


def values(hint: Any) -> st.SearchStrategy[Any]:
    """Any value of a field's type."""
    for leaf, strategy in LEAVES:
        if hint == leaf:
            return strategy
    match get_origin(hint), get_args(hint):
        case (origin, (inner, *marks)) if origin is Annotated:
            written = [written_as(mark) for mark in marks if isinstance(mark, StringConstraints)]
            return written[0] if written else values(inner)
        case (origin, (inner, *_)) if origin is tuple:
            return st.lists(values(inner), max_size=2).map(tuple)
        case (origin, words) if origin is Literal:
            return st.sampled_from(words)
        case (origin, several) if origin in {Union, types.UnionType}:
            return st.one_of(*map(values, several))
    hints = get_type_hints(hint, include_extras=True)
    return st.builds(hint, **{field.name: values(hints[field.name]) for field in fields(hint)})


def written_as(mark: StringConstraints) -> st.SearchStrategy[str]:
    if isinstance(mark.pattern, str):
        return st.from_regex(rf"\A(?:{mark.pattern.strip('^$')})\Z", alphabet=ASCII)
    return st.text(UTF8, min_size=mark.min_length or 0, max_size=mark.max_length or 9)


def envelope(fact: type[Event], data: bytes) -> Envelope:
    return Envelope(
        id=UUID(int=1),
        source="/leads",
        type=fact.__name__,
        subject="leads.lead-1",
        time=NOW,
        dataschema=f"/schemas/{fact.schema_name()}",
        sequence=7,
        partitionkey="acme",
        correlationid=UUID(int=2),
        causationid=None,
        commandid=UUID(int=2),
        actor="pat",
        occurredat=NOW,
        data=data,
    )


@pytest.mark.parametrize("fact", FACTS.values(), ids=FACTS)
def test_every_reader_reads_the_same_fact(fact: type[Event]) -> None:
    foreign = Draft202012Validator(schema(fact), validate_formats=True)
    codec: Codec[Any] = Codec([fact])

    @settings(max_examples=25, deadline=None, database=None)
    @given(values(fact))
    def read(written: Event) -> None:
        raw = encode(written)
        foreign.validate(json.loads(raw))
        assert codec.decode(envelope(fact, raw)) == written
        assert admit(fact, raw) == written

    read()


def test_an_envelope_is_cloudevents_with_the_very_bytes_of_its_data() -> None:
    sealed = envelope(PaymentReported, '{"document_no":"渠道"}'.encode())
    wire = json.loads(pack(sealed))
    assert (wire["specversion"], wire["sequence"]) == ("1.0", "7")
    assert sealed.data in pack(sealed)
    assert "fingerprint" not in wire
    assert unpack(pack(sealed)) == sealed


def test_an_unknown_version_is_not_guessed_and_an_old_one_is_upcast() -> None:
    old = envelope(PaymentReported, encode(PAYMENT).replace(b"document_no", b"number"))
    unread: Codec[Any] = Codec([LeadCaptured])
    with pytest.raises(UnknownVersion):
        unread.decode(old)

    def upcast(data: bytes) -> tuple[str, bytes]:
        return PaymentReported.schema_name(), data.replace(b"number", b"document_no")

    first = envelope(Event, old.data)
    assert Codec([PaymentReported], {"Event.v1.json": upcast}).decode(first) == PAYMENT


GOOD = {
    "source_system": "erp",
    "document_no": "1",
    "partner_id": "acme",
    "amount": {"amount": "12.50", "currency": "CNY"},
    "paid_on": "2026-01-05",
}
PAYMENT = admit(PaymentReported, json.dumps(GOOD).encode())
CAPTURED = {
    "capture_id": "c-1",
    "source": "web",
    "company": "Initech",
    "contact": {"name": "渠道"},
    "region": "east",
    "industry": "steel",
    "captured_at": "2026-01-05T08:00:00+08:00",
}


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"[]",
        b"nul",
        b"\xff",
        b"[" * 100_000,
        b'{"amount": 1e99999}',
        json.dumps({**GOOD, "document_no": "\ud800"}).encode(),
        json.dumps({**GOOD, "partner_id": "a b"}).encode(),
        json.dumps({**GOOD, "partner_id": "acme\n"}).encode(),
        json.dumps({**GOOD, "paid_on": 1767571200}).encode(),
        json.dumps({**GOOD, "paid_on": "2026-02-30"}).encode(),
        json.dumps({**GOOD, "paid_on": None}).encode(),
    ],
)
def test_bytes_that_are_no_claim_are_malformed(raw: bytes) -> None:
    with pytest.raises(Malformed) as refusal:
        admit(PaymentReported, raw)
    assert refusal.value.slug == "claim-malformed"


@pytest.mark.parametrize(
    "amount",
    [
        12.5,
        12,
        "NaN",
        "Infinity",
        "1E3",
        "1e-3",
        "+1",
        " 1",
        "1_0",
        "١",
        "",
        "1.0000001",
        "-",
        None,
    ],
)
def test_an_amount_is_a_plain_decimal_string(amount: object) -> None:
    money = {"amount": amount, "currency": "CNY"}
    with pytest.raises(Malformed, match="amount/amount"):
        admit(PaymentReported, json.dumps({**GOOD, "amount": money}).encode())


@pytest.mark.parametrize("currency", ["XXZ", "cny", "", "¥", 156, None])
def test_a_currency_is_one_of_iso_4217(currency: object) -> None:
    money = {"amount": "1", "currency": currency}
    with pytest.raises(Malformed, match="amount/currency"):
        admit(PaymentReported, json.dumps({**GOOD, "amount": money}).encode())


@pytest.mark.parametrize("instant", ["2026-01-05T08:00:00", 1767571200, "tomorrow", None])
def test_an_instant_has_its_offset(instant: object) -> None:
    with pytest.raises(Malformed, match="captured_at"):
        admit(LeadCaptured, json.dumps({**CAPTURED, "captured_at": instant}).encode())


def test_what_is_malformed_is_told_without_its_values() -> None:
    contact = {"name": "Pat Doe", "phone": 13800000000, "email": ["pat@example.org"]}
    with pytest.raises(Malformed) as refusal:
        admit(LeadCaptured, json.dumps({**CAPTURED, "contact": contact}).encode())
    assert refusal.value.detail == "contact/phone: string_type; contact/email: string_type"


def test_an_unknown_field_of_a_claim_is_skipped() -> None:
    """Whoever reports may know more than we do; and so a field can be added on either side."""
    assert admit(PaymentReported, json.dumps({**GOOD, "colour": "red"}).encode()) == PAYMENT


@pytest.mark.parametrize(
    "raw",
    [
        b'{"amount": 1, "amount": 2}',
        b'{"amount": NaN}',
        b'{"amount": -Infinity}',
        b'{"name": "\\ud800"}',
        b"[" * 100_000,
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b"{} {}",
        b"",
    ],
)
def test_json_that_readers_would_read_differently_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError) as error:
        strictly(raw)
    assert "amount" not in str(error.value)


def test_json_that_every_reader_reads_alike_is_read() -> None:
    assert strictly('{"name": "渠道 \\u6e20 \\ud83d\\ude00", "n": [1, null]}'.encode()) == {
        "name": "渠道 渠 😀",
        "n": [1, None],
    }
