"""One of ours, or a limit, once: `python -m tests.bench.contender W1 Qudao '{…}'`."""

import sys
import tempfile
from pathlib import Path

from tests.bench.peers.measured import tell, told
from tests.bench.workloads import WORKLOADS


def main() -> None:
    asked = told()
    workload, name = sys.argv[1:3]
    with tempfile.TemporaryDirectory(dir=asked["disk"]) as folder:
        tell(WORKLOADS[workload].ours[name](asked, Path(folder)).sample())


if __name__ == "__main__":
    main()
