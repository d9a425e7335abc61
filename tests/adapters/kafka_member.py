"""A member in a process of its own, to be killed: `python -m tests.adapters.kafka_member`."""

import asyncio
import sys

from shared.adapters.kafka import Group, Link, Membership


async def main(servers: str, prefix: str) -> None:
    group = Group(
        name=f"{prefix}things",
        topics=("ThingDone", "ThingUndone"),
        lead="qudao.lead.things",
        prefix=prefix,
        session_seconds=6,
    )
    member = Membership(Link(servers=servers), group, asyncio.Lock())
    await member.start()
    sys.stdout.write("member\n")
    sys.stdout.flush()
    await member.run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
