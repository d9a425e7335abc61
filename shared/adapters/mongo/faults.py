"""What a driver's error means to us."""

from collections.abc import Iterator
from contextlib import contextmanager

from bson.errors import BSONError
from pymongo.errors import (
    BulkWriteError,
    ClientBulkWriteException,
    ConnectionFailure,
    ExecutionTimeout,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WTimeoutError,
)

from shared.kernel.errors import PortFailed, Unreachable

TRANSIENT, UNKNOWN = "TransientTransactionError", "UnknownTransactionCommitResult"
GONE = (ConnectionFailure, ExecutionTimeout, WaitQueueTimeoutError, WTimeoutError)
DETAILS = (", full error", ", Timeout:", " (configured timeouts")
DUPLICATE = 11000
TOO_LARGE = {257, 313, 10334, 17419, 17420}
"""Of a transaction and of a document; both can be had smaller."""


def conflicting(error: PyMongoError) -> bool:
    """Another transaction was first: the same again sees what it did.

    So does a key that came to be since our snapshot. Where no server is found, nobody is first.
    """
    cause = _cause(error)
    if isinstance(cause, ServerSelectionTimeoutError):
        return False
    return cause.has_error_label(TRANSIENT) or _code(error) == DUPLICATE


def undecided(error: PyMongoError) -> bool:
    """Whether the commit took place is unknown: the same commit again tells."""
    return error.has_error_label(UNKNOWN) and not isinstance(error, ServerSelectionTimeoutError)


@contextmanager
def meant(server: str) -> Iterator[None]:
    """`Unreachable` for what heals by itself, `ValueError` for too much at once."""
    try:
        yield
    except (BSONError, PyMongoError) as error:
        raise _meaning(server, error) from error


def _meaning(server: str, error: BSONError | PyMongoError) -> Exception:
    if isinstance(error, BSONError):
        return ValueError(str(error))
    cause = _cause(error)
    reason = str(cause)
    for detail in DETAILS:
        reason = reason.partition(detail)[0]
    if _code(error) in TOO_LARGE:
        return ValueError(f"too much for one transaction of {server}: {reason}")
    if isinstance(cause, GONE) or any(map(cause.has_error_label, (TRANSIENT, UNKNOWN))):
        return Unreachable(f"{server}: {reason}")
    return PortFailed(f"{server}: {reason}")


def _cause(error: PyMongoError) -> PyMongoError:
    """A bulk write hides what went wrong with it as a whole, and its labels."""
    if isinstance(error, ClientBulkWriteException) and isinstance(error.error, PyMongoError):
        return error.error
    return error


def _code(error: PyMongoError) -> int | None:
    """Also of the first write that failed, as a bulk write has no code of its own."""
    bulk = error if isinstance(error, BulkWriteError | ClientBulkWriteException) else None
    failed: list[dict[str, int]] = ((bulk and bulk.details) or {}).get("writeErrors", [])
    code: int | None = failed[0]["code"] if failed else getattr(_cause(error), "code", None)
    return code
