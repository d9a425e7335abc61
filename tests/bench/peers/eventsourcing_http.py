"""The same request on FastAPI and `eventsourcing`, as its users write it: `def` in a thread."""

import asyncio
import sys
import tempfile
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import http_client
import uvicorn
from eventsourcing.application import Application
from eventsourcing.domain import Aggregate, event
from fastapi import FastAPI, Header
from measured import tell, told
from pydantic import BaseModel, ConfigDict


class Enrolment(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    partner_id: str
    type: str
    level: str
    regions: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    product_lines: tuple[str, ...] = ()


class Partner(Aggregate):
    @event("Enrolled")
    def __init__(self, partner_id: str, type: str, level: str, regions: list, lines: list):
        self.level = level

    @staticmethod
    def create_id(partner_id: str, **_):
        return uuid5(NAMESPACE_URL, partner_id)


def serve(folder, port):
    store = Application(
        env={
            "PERSISTENCE_MODULE": "eventsourcing.sqlite",
            "SQLITE_DBNAME": str(Path(folder) / "store.db"),
        }
    )
    app = FastAPI()

    @app.post("/v1/partners", status_code=201)
    def enrol(body: Enrolment, idempotency_key: str = Header()):
        partner = Partner(
            body.partner_id, body.type, body.level, [*body.regions], [*body.product_lines]
        )
        store.save(partner)
        return {"partner_id": body.partner_id, "version": partner.version}

    uvicorn.run(app, port=port, log_level="warning", access_log=False)


def main():
    if sys.argv[1] == "serve":
        serve(sys.argv[2], int(sys.argv[3]))
        return
    asked = told()
    with tempfile.TemporaryDirectory(dir=asked["disk"]) as name:
        port = http_client.free_port()
        command = [sys.executable, __file__, "serve", name, str(port)]
        with http_client.server(command, Path(name), port):
            if "per_second" in asked:
                ask = http_client.opened(port, "", asked["per_second"], asked["seconds"])
            else:
                ask = http_client.closed(port, "", asked["clients"], asked["seconds"])
            tell(asyncio.run(ask).sample())


if __name__ == "__main__":
    main()
