"""Our robots ask the same url and say the same message as apprise does."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from apprise import NotifyFormat

from shared.adapters.outside import DingTalkCarrier, Door, FeishuCarrier, WeComCarrier
from shared.adapters.outside.addresses import public_or_loopback
from shared.adapters.outside.robots import Robot
from shared.testing.contracts.carrier import parcel
from tests.adapters.places import HttpPlace, http_place

pytestmark = pytest.mark.timeout(120)
KEY, SECRET = "a1b2c3d4e5f6a1b2c3d4e5f6", "SEC0123456789abcdef"


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 -- as apprise signs


@pytest.fixture
async def place() -> AsyncIterator[HttpPlace]:
    async with http_place(HttpPlace(answer=(200, b'{"errcode":0,"code":0}'), key=KEY)) as place:
        yield place


def theirs(plugin: Any, place: HttpPlace) -> Any:
    """The same plugin, but for where the provider's server is."""
    host = plugin.notify_url.split("/")[2]
    plugin.notify_url = plugin.notify_url.replace(f"https://{host}", place.base)
    if hasattr(plugin, "api_url"):
        plugin.api_url = plugin.api_url.replace(f"https://{host}", place.base)
    return plugin


def plugin(name: str, **known: str) -> Any:
    """By itself: `Apprise` would load all of its plugins, and some of them warn."""
    modules = {
        "NotifyWeComBot": "wecombot",
        "NotifyDingTalk": "dingtalk",
        "NotifyFeishu": "feishu",
    }
    return getattr(import_module(f"apprise.plugins.{modules[name]}"), name)(**known)


CASES: list[tuple[type[Robot], str, dict[str, str]]] = [
    (WeComCarrier, "NotifyWeComBot", {"key": KEY}),
    (DingTalkCarrier, "NotifyDingTalk", {"token": KEY}),
    (FeishuCarrier, "NotifyFeishu", {"token": KEY}),
]


@pytest.mark.parametrize(("ours", "name", "known"), CASES, ids=["wecom", "dingtalk", "feishu"])
async def test_the_same_path_and_the_same_message(
    place: HttpPlace, ours: type[Robot], name: str, known: dict[str, str]
) -> None:
    carrier = ours(Door(allowed=public_or_loopback, plain=True), now, place.base)
    await carrier.carry(parcel(place.address))
    assert plugin(name, **known).notify_url.startswith(f"{ours(Door(), now).host}/")
    sent = theirs(plugin(name, **known), place)
    told = {"title": "订单 o-1 暂挂", "body": "超出信用额度", "body_format": NotifyFormat.TEXT}
    assert await asyncio.to_thread(lambda: sent.notify(**told))
    mine, apprise = place.requests
    assert mine.path == apprise.path.rstrip("/")
    assert said(mine.body) == said(apprise.body)


def said(body: bytes) -> Any:
    """But for the line's end between title and body, and a list of nobody to be called by name."""
    message = json.loads(body.replace(b"\\r\\n", b"\\n"))
    message.pop("at", None)
    return message


def test_dingtalk_is_signed_as_apprise_signs() -> None:
    stamp, signature = plugin("NotifyDingTalk", token=KEY, secret=SECRET).get_signature()
    then = datetime.fromtimestamp(int(stamp) / 1_000, UTC)
    url = DingTalkCarrier(Door(), lambda: then).url({"address": KEY, "robot_secret": SECRET})
    assert url.endswith(f"&timestamp={stamp}&sign={signature}")
