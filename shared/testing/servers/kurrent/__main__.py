"""`python -m shared.testing.servers.kurrent --port N --folder F`: the double as a process."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from shared.testing.servers.kurrent import AGAINST
from shared.testing.servers.kurrent.double import serve
from shared.testing.servers.kurrent.log import Log
from shared.testing.servers.kurrent.service import Access, Faults


async def main(port: int, log: Log) -> None:
    over = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, over.set)
    server, port = await serve(f"127.0.0.1:{port}", log, access=Access(), faults=Faults())
    sys.stdout.write(f"{AGAINST}\nready kurrentdb://127.0.0.1:{port}?tls=false\n")
    sys.stdout.flush()
    await over.wait()
    await server.stop(1)
    log.close()


if __name__ == "__main__":
    options = argparse.ArgumentParser(prog="python -m shared.testing.servers.kurrent")
    options.add_argument("--port", type=int, default=0)
    options.add_argument("--folder", type=Path, required=True)
    given = options.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(given.port, Log(given.folder / "kurrent.log")))
