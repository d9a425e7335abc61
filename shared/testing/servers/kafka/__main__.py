"""`python -m shared.testing.servers.kafka prepare`: get the broker's artifacts, start nothing."""

import sys

from shared.testing.servers.kafka.artifacts import prepare

if sys.argv[1:] != ["prepare"]:
    sys.exit("usage: python -m shared.testing.servers.kafka prepare")
sys.stdout.write(f"{prepare()}\n")
