"""What is said to whoever runs the demo: that it is told, and where to look."""

from datetime import datetime

import typer

from shared.runtime.demo.cast import SHOWING, STAR
from shared.runtime.demo.checks import ACCOUNT, BELIEF, NEXT
from shared.runtime.demo.deals import EXPO, SUCCESSOR
from shared.runtime.demo.player import Teller
from shared.runtime.demo.steps import END, LAPSE

ZONE = END.tzinfo

QUESTIONS = [
    (
        "这条线索给了谁，为什么 who got this lead, and why",
        "/v1/leads/lead-2/explanation",
        "manager",
    ),
    ("这张订单为什么被冻结 why is this order held", "/v1/orders/SO-3001", "manager"),
    ("我的货到哪了 where is my order", "/v1/orders/SO-1001/track", "partner"),
    ("我能拿多少返利 what will I earn", f"/v1/rebates/accounts?{NEXT}", "partner"),
    ("离下一档还差多少 what is missing", f"/v1/rebates/accounts/next-tier?{NEXT}", "partner"),
    ("这笔返利怎么算的 why this payout", f"/v1/rebates/accounts/explanation?{ACCOUNT}", "partner"),
    ("结算和调整 settled and adjusted", f"/v1/rebates/accounts/entries?{ACCOUNT}", "partner"),
    (
        "结算那天我们认为 what we believed then",
        f"/v1/rebates/accounts?{ACCOUNT}{BELIEF}",
        "partner",
    ),
    ("伙伴首页 what a partner sees first", "/v1/home", "partner"),
    ("待我处理 what I was told", "/v1/notifications?recipient=role:manager&limit=5", "manager"),
]
OF_THE_WHOLE = [
    ("撞单：这个商机归谁 whose is this deal", "/v1/registrations/reg-1", "manager"),
    ("交接清单 what does somebody hand over", f"/v1/hand-over?leaver={SUCCESSOR}", "manager"),
    (f"{SHOWING} 的展会值不值 what did it bring", f"/v1/mdf/requests/{EXPO}/roi", "manager"),
    (
        "管道为什么变了 why did the pipeline move",
        "/v1/forecast/waterfall?period=2026Q2&since=2026-03-31T18:00:00%2B08:00",
        "manager",
    ),
    ("渠道库存 what lies on the shelves", "/v1/forecast/stock", "manager"),
]


def begun(one: Teller) -> None:
    if not one.told.done:
        first, last = one.story[0].at, one.story[-1].at
        typer.echo(f"正在演示业务… telling the business of {first:%Y-%m-%d} – {last:%Y-%m-%d}…")


def checked(answers: int) -> None:
    typer.echo(f"故事的答案都对 all {answers} answers of the story are right")


def lapsing(seconds: float) -> None:
    quarter = f"{LAPSE:%Y-%m-%d} – {END:%Y-%m-%d}"
    typer.echo(f"延时播放 time-lapse: {quarter} in {seconds:g} s; watch /v1/feed and the inbox")


def ticked(now: datetime) -> None:
    if not now.astimezone(ZONE).weekday():
        typer.echo(f"… {now.astimezone(ZONE):%Y-%m-%d}")


def lapsed() -> None:
    typer.echo("播放完毕 that was the quarter; everything goes on being served")


def look(one: Teller, address: str, *, brief: bool) -> None:
    tokens = {"manager": one.token("manager"), "partner": one.token("partner", STAR)}
    lines = [
        "",
        f"API 页面 API page:  {address}/docs",
        f"监控指标 metrics:   {address}/metrics",
        "",
        f"渠道经理 MANAGER={tokens['manager']}",
        f"伙伴 {STAR} PARTNER={tokens['partner']}",
        "",
    ]
    for question, path, role in (*QUESTIONS, *(() if brief else OF_THE_WHOLE)):
        lines += [f"# {question}", curl(f"{address}{path}", role.upper())]
    lines += ["# 正在发生什么 what is happening now", curl(f"{address}/v1/feed", "MANAGER", "-N")]
    typer.echo("\n".join([*lines, ""]))


def curl(url: str, token: str, how: str = "-s") -> str:
    return f"curl {how} -H \"Authorization: Bearer ${token}\" '{url}'"
