"""From a fact to somebody's server: the carriers that the settings open, on a whole platform."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

from services.notifications.tests.facts import held, on_the_bus
from shared.adapters.outside import MailCarrier, WebhookCarrier
from shared.runtime.carriers import carriers
from shared.runtime.settings import Settings
from shared.testing.platform import Bed, platform
from tests.adapters.places import HttpPlace, MailPlace, http_place, mail_place

pytestmark = pytest.mark.timeout(120)
ENDPOINTS = "/v1/notifications/endpoints"
CONTEXTS = ("partners", "notifications")
HOOK = {"endpoint_id": "erp", "channel": "webhook"}


@pytest.fixture
async def place() -> AsyncIterator[HttpPlace]:
    async with http_place() as place:
        yield place


@pytest.fixture
async def post() -> AsyncIterator[MailPlace]:
    async with mail_place() as post:
        yield post


@pytest.fixture
async def bed(tmp_path: Path, post: MailPlace) -> AsyncIterator[Bed]:
    settings = Settings(
        webhook_loopback=True,
        smtp=f"127.0.0.1:{post.port}",
        smtp_security="none",
        smtp_sender="qudao@example.com",
    )
    async with platform(tmp_path, contexts=CONTEXTS, carriers=carriers(settings)) as bed:
        yield bed


async def test_a_fact_becomes_a_signed_webhook_and_a_mail(
    bed: Bed, place: HttpPlace, post: MailPlace
) -> None:
    hook = HOOK | {"address": f"{place.base}/hook"}
    secret = (await bed.post(ENDPOINTS, hook, partner="acme", expect=201))["secret"]
    mail = {"endpoint_id": "pat", "channel": "mail", "address": "pat@example.com"}
    await bed.post(ENDPOINTS, mail, partner="acme", expect=201)
    await bed.platform.bus.publish([on_the_bus(held(), 1)])
    await bed.settle()
    (one,) = place.requests
    told = Webhook(secret).verify(one.body, dict(one.headers))
    assert (told["data"]["rule"], told["data"]["subject"]) == ("order-held-credit", "o-1")
    log = (await bed.get("/v1/notifications/deliveries", partner="acme"))["items"]
    assert {line["status"] for line in log} == {"delivered"}
    assert one.headers["webhook-id"] in {line["delivery_id"] for line in log}
    (letter,) = post.arrived
    assert "订单 o-1 因信用额度暂挂" in letter


async def test_as_installed_nothing_goes_inside(tmp_path: Path, place: HttpPlace) -> None:
    async with platform(tmp_path, contexts=CONTEXTS, carriers=carriers(Settings())) as bed:
        for address in (f"{place.base}/hook", "https://127.0.0.1/hook", "https://localhost/hook"):
            told = await bed.http.post(
                ENDPOINTS,
                json=HOOK | {"address": address},
                headers={"Authorization": f"Bearer {bed.token(partner='acme')}"}
                | {"Idempotency-Key": address},
            )
            slugs = {"endpoint-address-insecure", "endpoint-address-forbidden"}
            assert told.json()["slug"] in slugs
        mail = {"endpoint_id": "pat", "channel": "mail", "address": "pat@example.com"}
        refused = await bed.post(ENDPOINTS, mail, partner="acme", expect=422)
        assert refused["slug"] == "channel-unavailable"
    assert place.connections == 0


def test_the_settings_open_what_they_name() -> None:
    assert {*carriers(Settings())} == {"webhook", "wecom", "dingtalk", "feishu"}
    found = carriers(Settings(smtp="mail.example.com:587", smtp_sender="q@example.com"))
    assert isinstance(found["mail"], MailCarrier)
    assert (found["mail"].server.host, found["mail"].server.port) == ("mail.example.com", 587)
    webhook = found["webhook"]
    assert isinstance(webhook, WebhookCarrier)
    assert not webhook.door.plain


@pytest.mark.parametrize(
    "wrong",
    [
        {"smtp": "mail.example.com:587"},
        {"smtp": "mail.example.com", "smtp_sender": "q@example.com"},
        {"smtp": "m:25", "smtp_sender": "q@example.com", "smtp_user": "q"},
    ],
)
def test_half_a_mail_server_is_said_at_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="QUDAO_SMTP"):
        Settings(**wrong)
