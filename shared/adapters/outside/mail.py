"""Mail through the installation's own SMTP server."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Literal

import aiosmtplib

from shared.kernel.dispatch import Parcel, Receipt
from shared.kernel.errors import Malformed

SECONDS = 10.0
PERMANENT = 500
ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    host: str
    port: int
    sender: str
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: str | None = None


@dataclass(frozen=True, slots=True)
class MailCarrier:
    """A message has the same Message-ID however often it is sent, so that a mailbox that looks at
    it shows it once.
    """

    server: MailServer
    seconds: float = SECONDS

    async def vet(self, address: Mapping[str, str]) -> None:
        if not ADDRESS.fullmatch(address["address"]) or len(address["address"]) > 254:  # noqa: PLR2004
            raise Malformed("endpoint-address-malformed", "a mail address")

    async def carry(self, parcel: Parcel) -> Receipt:
        try:
            await self._send(message(parcel, self.server.sender))
        except aiosmtplib.SMTPRecipientsRefused as refused:
            return self._refused("recipient-refused", refused.recipients[0].code)
        except aiosmtplib.SMTPAuthenticationError as refused:
            return Receipt(outcome="failed", reason="server-refuses", status=refused.code)
        except aiosmtplib.SMTPResponseException as refused:
            return self._refused("message-refused", refused.code)
        except (aiosmtplib.SMTPException, OSError):  # time-outs among them
            return Receipt(outcome="failed", reason="connection-failed")
        return Receipt(outcome="delivered")

    async def _send(self, mail: EmailMessage) -> None:
        server = self.server
        await aiosmtplib.send(
            mail,
            hostname=server.host,
            port=server.port,
            username=server.user,
            password=server.password,
            use_tls=server.security == "tls",
            start_tls=server.security == "starttls",
            timeout=self.seconds,
        )

    def _refused(self, reason: str, code: int) -> Receipt:
        """5xx is for good, 4xx is for now (RFC 5321)."""
        outcome: Literal["refused", "failed"] = "refused" if code >= PERMANENT else "failed"
        return Receipt(outcome=outcome, reason=reason, status=code)


def message(parcel: Parcel, sender: str) -> EmailMessage:
    """A title is one line, whatever it is made of: no header comes from a fact."""
    mail = EmailMessage()
    mail["From"], mail["To"] = sender, parcel.address["address"]
    mail["Subject"] = " ".join(parcel.title.split())
    mail["Date"] = format_datetime(parcel.at)
    mail["Message-ID"] = f"<{parcel.delivery_id}@qudao>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(parcel.body)
    return mail
