"""Every way out of the house keeps the contract; and what each does in a way of its own."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from shared.adapters.outside import (
    DingTalkCarrier,
    Door,
    FeishuCarrier,
    MailCarrier,
    MailServer,
    WebhookCarrier,
    WeComCarrier,
)
from shared.adapters.outside.addresses import public_or_loopback
from shared.adapters.outside.robots import Robot
from shared.testing.contracts.carrier import CarrierContract, Place, parcel
from tests.adapters.places import HttpPlace, MailPlace, http_place, mail_place

pytestmark = pytest.mark.timeout(120)
SECRET, OTHER = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
KEY = "693axxx6-7aoc-4bc4-97a0-0ec2sifa5aaa"


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 -- the receiver's library looks at the machine's


def door() -> Door:
    return Door(allowed=public_or_loopback, plain=True, seconds=2)


class TestWebhook(CarrierContract):
    @pytest.fixture
    async def place(self) -> AsyncIterator[HttpPlace]:
        async with http_place(HttpPlace(secret={"secret": SECRET})) as place:
            yield place

    @pytest.fixture
    def carrier(self, place: HttpPlace) -> WebhookCarrier:
        return WebhookCarrier(door(), now)

    async def test_a_receiver_can_verify_it(
        self, carrier: WebhookCarrier, place: HttpPlace
    ) -> None:
        sent = parcel(place.address)
        await carrier.carry(sent)
        (one,) = place.requests
        told = Webhook(SECRET).verify(one.body, dict(one.headers))
        assert told == json.loads(sent.data)
        assert one.headers["webhook-id"] == str(sent.delivery_id)
        with pytest.raises(WebhookVerificationError):
            Webhook(OTHER).verify(one.body, dict(one.headers))

    async def test_one_altered_byte_is_noticed(
        self, carrier: WebhookCarrier, place: HttpPlace
    ) -> None:
        await carrier.carry(parcel(place.address))
        (one,) = place.requests
        with pytest.raises(WebhookVerificationError):
            Webhook(SECRET).verify(one.body.replace(b"o-1", b"o-2"), dict(one.headers))

    async def test_while_a_secret_is_replaced_both_verify(
        self, carrier: WebhookCarrier, place: HttpPlace
    ) -> None:
        await carrier.carry(parcel({**place.address, "secret": OTHER, "previous": SECRET}))
        (one,) = place.requests
        for secret in (SECRET, OTHER):
            Webhook(secret).verify(one.body, dict(one.headers))

    async def test_whoever_says_gone_wants_no_more(
        self, carrier: WebhookCarrier, place: HttpPlace
    ) -> None:
        place.answer = 410, b""
        receipt = await carrier.carry(parcel(place.address))
        assert (receipt.outcome, receipt.status) == ("gone", 410)

    async def test_a_redirect_delivers_nothing(
        self, carrier: WebhookCarrier, place: HttpPlace
    ) -> None:
        place.answer = 302, b""
        receipt = await carrier.carry(parcel(place.address))
        assert (receipt.outcome, receipt.reason) == ("failed", "answer-redirects")


class RobotContract(CarrierContract):
    made: type[Robot]
    taken = b'{"errcode":0,"errmsg":"ok"}'
    refused = b'{"errcode":310000,"errmsg":"sign not match"}'

    @pytest.fixture
    async def place(self) -> AsyncIterator[HttpPlace]:
        place = HttpPlace(answer=(200, self.taken), refusal=(200, self.refused), key=KEY)
        async with http_place(place) as place:
            yield place

    @pytest.fixture
    def carrier(self, place: HttpPlace) -> Robot:
        return self.made(door(), now, place.base)

    async def test_a_refusal_in_a_good_answer_is_a_refusal(
        self, carrier: Robot, place: HttpPlace
    ) -> None:
        """As these servers say it: 200, and a code in the body."""
        place.mood = "refuses"
        receipt = await carrier.carry(parcel(place.address))
        assert (receipt.outcome, receipt.reason) == ("failed", "robot-refuses")
        assert receipt.status in {310000, 19021}

    async def test_an_answer_without_end_is_cut_off(
        self, carrier: Robot, place: HttpPlace
    ) -> None:
        place.mood = "floods"
        assert (await carrier.carry(parcel(place.address))).reason == "answer-malformed"


class TestWeCom(RobotContract):
    made = WeComCarrier

    async def test_no_more_than_a_robot_takes(self, carrier: Robot, place: HttpPlace) -> None:
        await carrier.carry(parcel(place.address, body="长" * 1_000))
        (one,) = place.requests
        content = json.loads(one.body)["text"]["content"]
        assert 2_040 < len(content.encode()) <= 2_048
        assert content.endswith("长…")


class TestDingTalk(RobotContract):
    made = DingTalkCarrier


class TestFeishu(RobotContract):
    made = FeishuCarrier
    taken = b'{"code":0,"data":{},"msg":"success"}'
    refused = b'{"code":19021,"msg":"sign match fail"}'


class TestMail(CarrierContract):
    @pytest.fixture
    async def place(self) -> AsyncIterator[MailPlace]:
        async with mail_place() as place:
            yield place

    @pytest.fixture
    def carrier(self, place: MailPlace) -> MailCarrier:
        server = MailServer(
            host="127.0.0.1", port=place.port, sender="qudao@example.com", security="none"
        )
        return MailCarrier(server, seconds=2)

    async def test_no_header_comes_from_a_title(
        self, carrier: MailCarrier, place: MailPlace
    ) -> None:
        await carrier.carry(parcel(place.address, "held\r\nBcc: x@y.example\n\nhello"))
        mail = message_from_bytes(place.letters[0], policy=policy.default)
        assert mail["Bcc"] is None
        assert mail["Subject"] == "held Bcc: x@y.example hello"
        assert mail["Message-ID"] == "<00000000-0000-0000-0000-000000000007@qudao>"

    @pytest.mark.parametrize(
        ("said", "outcome"), [("550 no such mailbox", "refused"), ("450 try later", "failed")]
    )
    async def test_for_good_or_for_now(
        self, carrier: MailCarrier, place: MailPlace, said: str, outcome: str
    ) -> None:
        place.mood, place.refused = "refuses", said
        receipt = await carrier.carry(parcel(place.address))
        assert (receipt.outcome, receipt.reason) == (outcome, "recipient-refused")


def test_places_are_what_the_contract_asks_for() -> None:
    places: list[Place] = [HttpPlace(), MailPlace()]
    assert len(places) == 2
