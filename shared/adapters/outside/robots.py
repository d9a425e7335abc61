"""The robots of chat rooms: WeCom, DingTalk and Feishu, each with the text message it takes.

Their servers answer 200 whatever happens and say in a code whether they took it, so the code is
read. (apprise 2.3 does not read DingTalk's and WeCom's, and cannot sign for Feishu: ADR 0040. It
is what the tests compare with.)
"""

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus

from shared.adapters.outside.door import Answer, Closed, Door
from shared.kernel.dispatch import Parcel, Receipt
from shared.kernel.errors import Malformed
from shared.kernel.ports import Clock

KEY = re.compile(r"[A-Za-z0-9_-]{8,200}")
ANSWER = 4_096  # bytes that their short answers never need
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Robot:
    """`host`: the provider's; only tests name another one. `clock`: the machine's, to sign."""

    door: Door
    clock: Clock
    host: str = ""

    async def vet(self, address: Mapping[str, str]) -> None:
        if not KEY.fullmatch(address["address"]):
            raise Malformed("endpoint-address-malformed", "the key of the robot, without its url")

    async def carry(self, parcel: Parcel) -> Receipt:
        headers = {"content-type": "application/json; charset=utf-8"}
        url, message = self.url(parcel.address), self.message(parcel)
        content = json.dumps(message, ensure_ascii=False).encode()
        try:
            answer = await self.door.post(url, headers, content, keep=ANSWER)
        except Closed as closed:
            return Receipt(outcome="failed", reason=closed.reason)
        return told(answer)

    def url(self, address: Mapping[str, str]) -> str:
        raise NotImplementedError

    def message(self, parcel: Parcel) -> Json:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class WeComCarrier(Robot):
    host: str = "https://qyapi.weixin.qq.com"

    def url(self, address: Mapping[str, str]) -> str:
        return f"{self.host}/cgi-bin/webhook/send?key={address['address']}"

    def message(self, parcel: Parcel) -> Json:
        return {"msgtype": "text", "text": {"content": text(parcel, 2_048)}}


@dataclass(frozen=True, slots=True)
class DingTalkCarrier(Robot):
    host: str = "https://oapi.dingtalk.com"

    def url(self, address: Mapping[str, str]) -> str:
        """With the signature of a robot that asks for one."""
        url = f"{self.host}/robot/send?access_token={address['address']}"
        if secret := address.get("robot_secret"):
            now = str(round(self.clock().timestamp() * 1_000))
            signed = hmac.digest(secret.encode(), f"{now}\n{secret}".encode(), hashlib.sha256)
            url += f"&timestamp={now}&sign={quote_plus(base64.b64encode(signed))}"
        return url

    def message(self, parcel: Parcel) -> Json:
        return {"msgtype": "text", "text": {"content": text(parcel, 20_000)}}


@dataclass(frozen=True, slots=True)
class FeishuCarrier(Robot):
    host: str = "https://open.feishu.cn"

    def url(self, address: Mapping[str, str]) -> str:
        return f"{self.host}/open-apis/bot/v2/hook/{address['address']}"

    def message(self, parcel: Parcel) -> Json:
        """Feishu signs nothing with a key made of the time and the secret."""
        message: Json = {"msg_type": "text", "content": {"text": text(parcel, 19_000)}}
        if secret := parcel.address.get("robot_secret"):
            now = str(int(self.clock().timestamp()))
            signed = hmac.digest(f"{now}\n{secret}".encode(), b"", hashlib.sha256)
            message |= {"timestamp": now, "sign": base64.b64encode(signed).decode()}
        return message


def text(parcel: Parcel, most: int) -> str:
    """Title and body in so many bytes, cut between two characters."""
    whole = f"{parcel.title}\n{parcel.body}"
    if len(raw := whole.encode()) <= most:
        return whole
    return raw[: most - len("…".encode())].decode(errors="ignore") + "…"


def told(answer: Answer) -> Receipt:
    """`errcode` or `code` is 0 where it was taken."""
    if answer.status != 200:  # noqa: PLR2004
        return Receipt(outcome="failed", reason="answer-refuses", status=answer.status)
    try:
        said = json.loads(answer.body)
        code = said.get("errcode", said.get("code"))
    except (ValueError, AttributeError):
        return Receipt(outcome="failed", reason="answer-malformed", status=answer.status)
    if code == 0:
        return Receipt(outcome="delivered", status=answer.status)
    status = code if isinstance(code, int) and abs(code) < 10**9 else None
    return Receipt(outcome="failed", reason="robot-refuses", status=status)
