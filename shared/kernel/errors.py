"""Why something was not done. A refusal's slug is for ever; its HTTP status is the runtime's."""


class Refused(Exception):
    """The rules say no. `slug` is `<noun>-<reason>`; `detail` tells the user what to do."""

    def __init__(self, slug: str, detail: str = "") -> None:
        super().__init__(detail or slug)
        self.slug = slug
        self.detail = detail


class NotFound(Refused):
    """The stream does not exist, or the actor may not know that it does."""


class Malformed(Refused):
    """What came from outside has the wrong shape, or an idempotency key another command had."""


class Forbidden(Refused):
    """This role may not do that, whoever the object belongs to."""


class Mismatch(Refused):
    """The caller showed a version (If-Match) that is no longer the stream's."""


class Behind(Refused):
    """A read asked for what it wrote, and the view was not there within the bound: ask again."""


class StaleVersion(Exception):
    """Someone else appended first; read again and decide again."""


class StaleOwner(Exception):
    """Someone else moved this consumer's position; nothing was written."""


class UnknownVersion(Exception):
    """A known fact in a version that this code cannot read."""


class TwoCommands(Exception):
    """A fact asked twice of one stream: both would have the same command id."""


class PortFailed(Exception):
    """What stands behind a port failed: never the fact's fault, so the process ends."""


class Unreachable(PortFailed):
    """The server behind a port is gone for now; nothing is lost, the same again later is right."""


class DiskFull(Unreachable):
    """There is no room; nothing was written, and the same again is right once there is."""


class DiskFailed(PortFailed):
    """What lies on the disk is known only to the next start, so the process ends."""


class Incompatible(Exception):
    """A file was written by newer code, or belongs to another installation."""
