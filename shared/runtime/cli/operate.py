"""Operating: wait, rebuild, look at a stream, and at what was parked."""

import asyncio
from typing import Annotated
from uuid import UUID, uuid4

import typer
from rich.progress import Progress

from shared.runtime.cli.reach import Platformed
from shared.runtime.cli.running import run, show

streams = typer.Typer(help="One stream.", no_args_is_help=True)
dlq = typer.Typer(help="Facts that could not be digested.", no_args_is_help=True)


def wait(
    token: Annotated[str | None, typer.Option(help="Wait for this answer only.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds.")] = 30,
) -> None:
    """Wait until nothing moves, or until what a token stands for has arrived."""

    async def work(platform: Platformed) -> None:
        show(await platform.get("/v1/settled", token=token, timeout=timeout))

    run(work)


def rebuild(view: str) -> None:
    """Fold a view again beside the live one, then swap."""

    async def work(platform: Platformed) -> None:
        await platform.post("/v1/rebuilds", {}, key=str(uuid4()), view=view)
        with Progress() as progress:
            task = progress.add_task(view, total=None)
            while row := await _filling(platform, view):
                progress.update(task, completed=row["done"], total=row.get("of"))
                await platform.settle()
                await asyncio.sleep(0.05)
        typer.echo(f"{view}: rebuilt")

    run(work)


async def _filling(platform: Platformed, view: str) -> dict[str, int] | None:
    rows = (await platform.get("/v1/rebuilds"))["items"]
    return next((row for row in rows if row["view"] == view and "filling" in row), None)


@streams.command("show")
def streams_show(stream: str) -> None:
    """Every fact of a stream."""

    async def work(platform: Platformed) -> None:
        show(await platform.get(f"/v1/streams/{stream}"))

    run(work)


@dlq.command("list")
def dlq_list() -> None:
    """What is parked, why, and when it is tried again."""

    async def work(platform: Platformed) -> None:
        show((await platform.get("/v1/parked"))["items"])

    run(work)


@dlq.command("retry")
def dlq_retry(context: str, key: str) -> None:
    """Try a parked fact now."""

    async def work(platform: Platformed) -> None:
        await platform.post(
            "/v1/parked/retries", {}, key=str(uuid4()), context=context, parked=key
        )
        await platform.settle()
        show((await platform.get("/v1/parked"))["items"])

    run(work)


@dlq.command("drop")
def dlq_drop(context: str, key: str) -> None:
    """Give a parked fact up for good; it stays in its stream."""

    async def work(platform: Platformed) -> None:
        await platform.post("/v1/parked/drops", {}, key=str(uuid4()), context=context, parked=key)

    run(work)


def forget(person: UUID) -> None:
    """Delete what is known of a person, everywhere but in the backups you keep."""

    async def work(platform: Platformed) -> None:
        show(await platform.forget(person))

    run(work)
