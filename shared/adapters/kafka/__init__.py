"""The bus on Apache Kafka: records, topics, and which process works on which logs."""

from shared.adapters.kafka.bus import KafkaBus
from shared.adapters.kafka.link import Link
from shared.adapters.kafka.membership import Group, Membership
from shared.adapters.kafka.topics import Topic, apply, check, lead

__all__ = ["Group", "KafkaBus", "Link", "Membership", "Topic", "apply", "check", "lead"]
