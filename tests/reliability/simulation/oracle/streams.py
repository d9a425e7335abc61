"""Each command is stored once, whole, at its place: whoever asked it, and however often."""

from dataclasses import dataclass, field
from uuid import UUID

from tests.reliability.simulation.oracle.told import Told, never

KEPT = ("mdf.request-", "mdf.claim-")


@dataclass(slots=True)
class Streams:
    versions: dict[str, int] = field(default_factory=dict)
    ids: set[UUID] = field(default_factory=set)
    commands: dict[tuple[str, UUID], list[int]] = field(default_factory=dict)  # their sequences
    position: int = 0

    def see(self, fact: Told) -> None:
        one, stream = fact.envelope, fact.envelope.subject
        version = self.versions.get(stream, 0) + 1
        never(fact.position <= self.position, f"{stream}: position {fact.position} comes again")
        never(one.sequence != version, f"{stream}: {one.sequence} follows {version - 1}")
        never(one.id in self.ids, f"{stream}: fact {one.id} is stored twice")
        sequences = self.commands.setdefault((stream, one.commandid), [])
        never(
            bool(sequences) and sequences[-1] != version - 1,
            f"{stream}: command {one.commandid} was decided again at {version}: {one.type}",
        )
        sequences.append(version)
        self.ids.add(one.id)
        self.versions[stream], self.position = version, fact.position

    def last_of(self, commandid: UUID) -> set[int]:
        """The versions after the command, in whatever streams it wrote to; what was drafted, or
        filed, before a fund was asked stays there also if that refuses (M-01).
        """
        return {
            found[-1]
            for (stream, by), found in self.commands.items()
            if by == commandid and not stream.startswith(KEPT)
        }
