"""Plays the story through the API, checks its answers, and says where to look."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import typer
from httpx2 import AsyncClient

from shared.runtime.app import House
from shared.runtime.demo.story import STAR, Ask, Turn, story
from shared.runtime.http import Caller, Role
from shared.runtime.tokens import LOCAL

ACCOUNT = f"programme=a-line-quarter&partner={STAR}&period=2026Q1&partition=A"
NEXT = f"programme=a-line-quarter&partner={STAR}&period=2026Q2&partition=A"
BELIEF = "&as_at=2026-04-11T01:00:00%2B08:00"
QUESTIONS = [
    (
        "这条线索给了谁，为什么 who got this lead, and why",
        "/v1/leads/lead-2/explanation",
        "manager",
    ),
    ("这张订单为什么被冻结 why is this order held", "/v1/orders/SO-3001", "manager"),
    ("我能拿多少返利 what will I earn", f"/v1/rebates/accounts?{NEXT}", "partner"),
    ("离下一档还差多少 what is missing", f"/v1/rebates/accounts/next-tier?{NEXT}", "partner"),
    ("这笔返利怎么算的 why this payout", f"/v1/rebates/accounts/explanation?{ACCOUNT}", "partner"),
    ("结算和调整 settled and adjusted", f"/v1/rebates/accounts/entries?{ACCOUNT}", "partner"),
    (
        "结算那天我们认为 what we believed then",
        f"/v1/rebates/accounts?{ACCOUNT}{BELIEF}",
        "partner",
    ),
]


class StoryBroken(Exception):
    """An answer of the story is not the one it must be."""


async def play(address: str, house: House, *, check: bool) -> None:
    """Tell the story once; with `check`, raise if an answer is not the expected one."""
    async with AsyncClient(base_url=address, timeout=60) as http:
        teller = Teller(http, house)
        told = house.settings.data / "demo-told"
        if not told.exists():
            typer.echo("正在演示几周的业务… telling a few weeks of business…")
            await teller.tell()
            told.write_text("")
        if check:
            await teller.check()
    teller.look(address)


@dataclass(slots=True)
class Teller:
    http: AsyncClient
    house: House

    async def tell(self) -> None:
        for number, step in enumerate(story()):
            match step:
                case Turn(to=to):
                    await self._turn(datetime.fromisoformat(to))
                case Ask():
                    await self._ask(f"story-{number}", step)

    async def check(self) -> None:
        """The figures of the worked cases: 29,700 settled, 20,800 adjusted, 50,500 in all."""
        belief = await self._get(f"/v1/rebates/accounts?{ACCOUNT}{BELIEF}")
        explained = await self._get(f"/v1/rebates/accounts/explanation?{ACCOUNT}")
        entries = await self._get(f"/v1/rebates/accounts/entries?{ACCOUNT}")
        missing = await self._get(f"/v1/rebates/accounts/next-tier?{NEXT}")
        held = await self._get("/v1/orders/SO-3001")
        released = await self._get("/v1/orders/SO-2002")
        lead = await self._get("/v1/leads/lead-2")
        answers = {
            "believed on 11 April": (belief["items"][0]["entitlement"]["amount"], "29700.00"),
            "explained": (explained["sum"]["amount"], "50500.00"),
            "entries": (
                [e["amount"]["amount"] for e in entries["items"]],
                ["29700.00", "20800.00"],
            ),
            "to the next tier": (missing["gap"]["amount"], "200000.00"),
            "short by": (held["short_by"]["amount"], "20000.00"),
            "held": (held["status"], "held"),
            "released": (released["status"], "approved"),
            "accepted after a decline": (lead["status"], "accepted"),
        }
        wrong = {name: pair for name, pair in answers.items() if pair[0] != pair[1]}
        if wrong:
            raise StoryBroken(f"(is, must be): {wrong}")
        typer.echo(f"故事的答案都对 all {len(answers)} answers of the story are right")

    def look(self, address: str) -> None:
        tokens = {"manager": self._token("manager"), "partner": self._token("partner", STAR)}
        lines = [
            "",
            f"API 页面 API page:  {address}/docs",
            f"监控指标 metrics:   {address}/metrics",
            "",
            f"渠道经理 MANAGER={tokens['manager']}",
            f"伙伴 {STAR} PARTNER={tokens['partner']}",
            "",
        ]
        for question, path, role in QUESTIONS:
            lines += [f"# {question}", _curl(f"{address}{path}", role.upper())]
        typer.echo("\n".join([*lines, ""]))

    async def _turn(self, instant: datetime) -> None:
        turn = self.house.turn
        if turn is not None and turn.now < instant:
            await self.house.platform.advance_to(instant, turn)

    async def _ask(self, key: str, step: Ask) -> None:
        token = self._token("partner" if step.partner else step.role, step.partner)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": key}
        answer = await self.http.post(step.path, json=step.body, headers=headers)
        if answer.is_error:
            raise StoryBroken(f"{step.path} {step.body}: {answer.text}")
        await self.house.platform.settle()

    async def _get(self, path: str) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token('manager')}"}
        answer = await self.http.get(path, headers=headers)
        if answer.is_error:
            raise StoryBroken(f"{path}: {answer.text}")
        found: dict[str, Any] = answer.json()
        return found

    def _token(self, role: Role, partner_id: str | None = None) -> str:
        subject = f"demo-{partner_id or role}"
        caller = Caller(issuer=LOCAL, subject=subject, role=role, partner_id=partner_id)
        return self.house.issuer.token(caller)


def _curl(url: str, token: str) -> str:
    return f"curl -s -H \"Authorization: Bearer ${token}\" '{url}'"
