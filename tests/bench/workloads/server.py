"""What W5 and W10 ask: `python -m tests.bench.workloads.server KIND FOLDER PORT [KAFKA]`.

`api` answers as `qudao api partners` does; `whole` also relays, projects, and has a reader of the
bus; `null` has the same models and no platform behind them.
"""

import asyncio
import socket
import sys
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Annotated

import uvicorn
from fastapi import FastAPI, Header, Response

from services.partners.api.partners import Enrolment
from shared.adapters.sqlite import SqlitePeople, SqliteStore, SqliteViews
from shared.contracts.event import Envelope
from shared.contracts.partners import PartnerEnrolled
from shared.kernel.handler import Done
from shared.kernel.ports import Document
from shared.kernel.projection import Projection
from shared.runtime.app import House, build
from shared.runtime.context import Context, Ports
from shared.runtime.hiring import hire
from shared.runtime.hosting import opened
from shared.runtime.http import answered
from shared.runtime.serving import idle, ready, serve
from shared.runtime.settings import Settings

PARTNERS = ("partners",)


def seen(key: str, row: Document | None, fact: PartnerEnrolled, envelope: Envelope) -> Document:
    return {"partner_id": fact.partner_id}


def by_partner(fact: PartnerEnrolled, envelope: Envelope) -> Iterable[str]:
    return [fact.partner_id]


READER = Context(
    name="reader",
    projections=(
        Projection(
            name="reader.seen", source="bus", facts=(PartnerEnrolled,), keys=by_partner, fold=seen
        ),
    ),
)


async def api(settings: Settings, on: socket.socket) -> None:
    async with opened(settings, contexts=PARTNERS, part="api") as house:
        await serve(build(house), on, work=idle(), begun=ready(""))


async def whole(settings: Settings, on: socket.socket) -> None:
    async with opened(settings, contexts=PARTNERS) as house:
        await _read(house, on, settings.data)


async def _read(house: House, on: socket.socket, folder: Path) -> None:
    with (
        closing(SqliteStore(folder / "reader.store.db")) as store,
        closing(SqliteViews(folder / "reader.views.db")) as views,
        closing(SqlitePeople(folder / "reader.people.db")) as people,
    ):
        platform = house.platform
        clock, bus = platform.clock, platform.bus
        ports = Ports(store=store, views=views, people=people, bus=bus, clock=clock)
        app = build(house)
        platform.add(await hire(READER, ports))
        await serve(app, on, work=platform.run(), begun=ready(""))


def null(on: socket.socket) -> None:
    app = FastAPI()

    @app.post("/v1/partners", status_code=201)
    async def enrol(
        body: Enrolment, response: Response, idempotency_key: Annotated[str, Header()]
    ) -> dict[str, object]:
        return answered(response, "partners", Done(1, 1), partner_id=body.partner_id)

    config = uvicorn.Config(app, log_config=None, lifespan="off")
    asyncio.run(uvicorn.Server(config).serve(sockets=[on]))


def main() -> None:
    kind, folder, port, *kafka = sys.argv[1:]
    on = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # as `listening`
    on.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    on.bind(("127.0.0.1", int(port)))
    if kind == "null":
        null(on)
        return
    data = Path(folder)
    more = {"kafka": kafka[0], "topic_prefix": f"{data.name}."} if kafka else {}
    settings = Settings(data=data, test=True, **more)
    asyncio.run({"api": api, "whole": whole}[kind](settings, on))


if __name__ == "__main__":
    main()
