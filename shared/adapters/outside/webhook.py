"""Signed webhooks, as Standard Webhooks has them: webhook-id, -timestamp, -signature."""

from collections.abc import Mapping
from dataclasses import dataclass

from standardwebhooks.webhooks import Webhook

from shared.adapters.outside.door import Closed, Door
from shared.kernel.dispatch import Parcel, Receipt
from shared.kernel.ports import Clock

AGENT = "Qudao-Webhooks/1"
GONE = 410


@dataclass(frozen=True, slots=True)
class WebhookCarrier:
    """`clock` is the machine's: receivers compare the timestamp with theirs."""

    door: Door
    clock: Clock

    async def vet(self, address: Mapping[str, str]) -> None:
        await self.door.vet(address["address"])

    async def carry(self, parcel: Parcel) -> Receipt:
        """The answer's body is nobody's business, so none of it is read."""
        try:
            url, headers = parcel.address["address"], self.headers(parcel)
            answer = await self.door.post(url, headers, parcel.data)
        except Closed as closed:
            return Receipt(outcome="failed", reason=closed.reason)
        return receipt(answer.status)

    def headers(self, parcel: Parcel) -> dict[str, str]:
        now, number = self.clock(), str(parcel.delivery_id)
        secrets = [
            parcel.address[name] for name in ("secret", "previous") if name in parcel.address
        ]
        signed = [Webhook(one).sign(number, now, parcel.data.decode()) for one in secrets]
        return {
            "content-type": "application/json",
            "user-agent": AGENT,
            "webhook-id": number,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signed),
        }


def receipt(status: int) -> Receipt:
    """Success is 2xx; whoever says 410 wants no more; anything else may be mended."""
    if 200 <= status < 300:  # noqa: PLR2004
        return Receipt(outcome="delivered", status=status)
    if status == GONE:
        return Receipt(outcome="gone", reason="endpoint-gone", status=status)
    reason = "answer-redirects" if 300 <= status < 400 else "answer-refuses"  # noqa: PLR2004
    return Receipt(outcome="failed", reason=reason, status=status)
