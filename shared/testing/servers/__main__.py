"""`python -m shared.testing.servers`: says what the tests on servers stand on, here and now."""

import os
import sys

from shared.testing.servers import engine, kafka, kurrent, mongo
from shared.testing.servers.kafka import docker as kafka_image
from shared.testing.servers.kafka.artifacts import version
from shared.testing.servers.kurrent import docker as kurrent_image
from shared.testing.servers.mongo import docker as mongo_image

ELSE = {
    (kafka.ADDRESS, kafka_image.IMAGE): f"Apache Kafka {version()} from its Maven artifacts",
    (kurrent.ADDRESS, kurrent_image.IMAGE): kurrent.AGAINST,
    (mongo.ADDRESS, mongo_image.IMAGE): "SecantusDB, which speaks MongoDB's protocol",
}


def main() -> None:
    for (address, image), local in ELSE.items():
        there = image if engine.has(image) else local
        told = os.environ.get(address, there).rpartition("@")[2]  # without a password
        sys.stdout.write(f"against: {told}\n")


if __name__ == "__main__":
    main()
