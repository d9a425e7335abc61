"""The ways out of the house that the settings open."""

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
from shared.kernel.dispatch import Carrier
from shared.runtime.clocks import now
from shared.runtime.settings import Settings


def carriers(settings: Settings) -> dict[str, Carrier]:
    """By channel. Signatures are of the machine's time: others compare it with theirs."""
    robots = Door()
    door = Door(allowed=public_or_loopback, plain=True) if settings.webhook_loopback else robots
    found: dict[str, Carrier] = {
        "webhook": WebhookCarrier(door, now),
        "wecom": WeComCarrier(robots, now),
        "dingtalk": DingTalkCarrier(robots, now),
        "feishu": FeishuCarrier(robots, now),
    }
    if settings.smtp:
        found["mail"] = MailCarrier(mail_server(settings, settings.smtp))
    return found


def mail_server(settings: Settings, address: str) -> MailServer:
    host, _, port = address.rpartition(":")
    return MailServer(
        host=host,
        port=int(port),
        sender=settings.smtp_sender or "",
        security=settings.smtp_security,
        user=settings.smtp_user,
        password=settings.secret("smtp_password"),
    )
