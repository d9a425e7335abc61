"""What an error of the file system means: no room for now, or a failure."""

import errno

from shared.kernel.errors import DiskFull, PortFailed


def failure(error: OSError) -> type[PortFailed]:
    return DiskFull if error.errno in {errno.ENOSPC, errno.EDQUOT} else PortFailed
