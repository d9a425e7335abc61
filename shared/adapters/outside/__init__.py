"""Ways out of the house: signed webhooks, mail, and the robots of chat rooms."""

from shared.adapters.outside.door import Door
from shared.adapters.outside.mail import MailCarrier, MailServer
from shared.adapters.outside.robots import DingTalkCarrier, FeishuCarrier, WeComCarrier
from shared.adapters.outside.webhook import WebhookCarrier

__all__ = [
    "DingTalkCarrier",
    "Door",
    "FeishuCarrier",
    "MailCarrier",
    "MailServer",
    "WeComCarrier",
    "WebhookCarrier",
]
