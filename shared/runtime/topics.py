"""Every topic that the contexts need, and how long each keeps its records."""

from collections.abc import Iterable

from shared.adapters.kafka.topics import Topic, lead
from shared.kernel.expiry import KEPT
from shared.runtime.context import Context


def read_by(context: Context) -> dict[str, tuple[str, ...]]:
    """By consumer of the bus: the topics it reads."""
    read = {one.name: tuple(f.__name__ for f in one.facts) for one in context.policies}
    for projection in context.projections:
        if projection.source == "bus":
            read[projection.name] = tuple(f.__name__ for f in projection.facts)
    for claim in context.claims:
        read[f"{context.name}.{claim.topic}"] = (claim.topic,)
    return read


def every(contexts: Iterable[Context], partitions: int) -> list[Topic]:
    """Facts for ever, claims and what was rejected of them for 30 days; one key, one partition."""
    found: dict[str, Topic] = {}
    for context in contexts:
        named = [lead(context.name)]
        named += [Topic(name, partitions) for name in sorted(context.published)]
        for claim in context.claims:
            named += [Topic(t, partitions, KEPT) for t in (claim.topic, f"{claim.topic}.rejected")]
        found |= {topic.name: topic for topic in named}
        read = {topic for topics in read_by(context).values() for topic in topics}
        found = {name: Topic(name, partitions) for name in sorted(read)} | found
    return [*found.values()]
