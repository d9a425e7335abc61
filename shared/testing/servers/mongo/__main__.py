"""`python -m shared.testing.servers.mongo prepare`: make the environment, start nothing."""

import sys

from shared.testing.servers.mongo.environment import prepare

if sys.argv[1:] != ["prepare"]:
    sys.exit("usage: python -m shared.testing.servers.mongo prepare")
sys.stdout.write(f"{prepare()}\n")
