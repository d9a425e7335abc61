"""How often a client may ask: who has which policy, and what the headers tell of it."""

from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.runtime.http import Caller
from shared.runtime.rate import SWEPT, Policies, Rate
from shared.runtime.settings import Settings

ACME = Caller(issuer="i", subject="acme", role="partner", partner_id="acme")
LI = Caller(issuer="i", subject="li", role="manager")
ERP = Caller(issuer="i", subject="erp", role="finance")


class Hand:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def limited(**settings: str) -> tuple[Rate, Hand]:
    told = {name: value for name, value in settings.items() if name != "rates"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("QUDAO_RATES", settings.get("rates", ""))
        policies = Policies.of(Settings(data=Path("nowhere"), **told))
    return Rate(policies, hand := Hand()), hand


def test_the_last_request_of_a_window_passes_and_the_next_one_waits_for_its_end() -> None:
    counting, hand = limited(rate="3/minute")
    for left in (2, 1, 0):
        told = counting.count(ACME)
        assert told.headers == {
            "RateLimit-Policy": '"client";q=3;w=60',
            "RateLimit": f'"client";r={left};t=60',
        }
        assert told.exceeded is None
    hand.now = 45.5
    told = counting.count(ACME)
    assert told.exceeded is not None and told.exceeded.text == "3/minute"
    assert (told.headers["RateLimit"], told.headers["Retry-After"]) == ('"client";r=0;t=15', "15")
    hand.now = 60.0
    assert counting.count(ACME).headers["RateLimit"] == '"client";r=2;t=60'


def test_everybody_has_a_limit_of_their_own() -> None:
    counting, _ = limited(rate="1/minute", rate_staff="2/minute")
    assert counting.count(ACME).exceeded is None
    assert counting.count(ACME).exceeded
    assert counting.count(replace(ACME, subject="acme-app")).exceeded is None
    assert counting.count(replace(ACME, issuer="another")).exceeded is None
    assert counting.count(LI).headers["RateLimit"].startswith('"client";r=1;')


def test_a_client_or_a_role_may_have_a_policy_of_its_own() -> None:
    counting, _ = limited(
        rate_staff="5/minute", rates="client:erp=7/second, role:manager=9/hour,role:auditor=1/hour"
    )
    policy = {who.subject: counting.count(who).headers["RateLimit-Policy"] for who in (ERP, LI)}
    assert policy == {"erp": '"client";q=7;w=1', "li": '"client";q=9;w=3600'}
    as_manager = counting.count(replace(ERP, role="manager")).headers
    assert as_manager["RateLimit-Policy"] == '"client";q=7;w=1'
    other = counting.count(replace(LI, subject="wu", role="sales")).headers
    assert other["RateLimit-Policy"] == '"client";q=5;w=60'


def test_the_folders_own_command_line_is_not_counted() -> None:
    for rates in ("", "role:operations=1/hour"):
        counting, _ = limited(rates=rates)
        cli = Caller(issuer="i", subject="qudao-cli", role="operations")
        assert [counting.count(cli).headers for _ in range(3)] == [{}] * 3
    counting, _ = limited(rates="client:qudao-cli=1/hour")
    assert [bool(counting.count(cli).exceeded) for _ in range(2)] == [False, True]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RATE", "many"),
        ("RATE", "0/minute"),
        ("RATE_STAFF", "5/fortnight"),
        ("RATES", "erp=5/minute"),
        ("RATES", "client:erp=5"),
        ("RATES", "client:erp"),
    ],
)
def test_a_rate_that_cannot_be_read_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"QUDAO_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_who_has_left_is_forgotten_and_who_is_there_is_not() -> None:
    counting, hand = limited(rate="1/minute")
    for number in range(SWEPT):
        hand.now = 0.0 if number < SWEPT // 2 else 30.0
        counting.count(replace(ACME, subject=f"s{number}"))
    hand.now = 60.0
    for number in range(SWEPT, SWEPT + 9):
        counting.count(replace(ACME, subject=f"s{number}"))
    assert len(counting) == SWEPT // 2 + 9
    assert counting.count(replace(ACME, subject=f"s{SWEPT - 1}")).exceeded
    assert counting.count(replace(ACME, subject="s0")).exceeded is None
