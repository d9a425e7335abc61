"""`python -m tests.reliability.simulation SEED`: plays one story, and shortens it if it fails."""

import sys

from tests.reliability.simulation.plan import story
from tests.reliability.simulation.play import Played
from tests.reliability.simulation.run import explained, outcome

if __name__ == "__main__":
    seed = int(sys.argv[1])
    match outcome(story(seed)):
        case Played(trace, calls, facts):
            sys.stdout.write(f"seed {seed}: {calls} calls, {facts} facts, trace {trace}\n")
        case _:
            sys.exit(explained(seed))
