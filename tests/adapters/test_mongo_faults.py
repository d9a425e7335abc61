"""What the driver's errors mean, those too that the test server never sends."""

from typing import Any

import pytest
from bson.errors import InvalidDocument
from pymongo.errors import (
    AutoReconnect,
    BulkWriteError,
    ClientBulkWriteException,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WTimeoutError,
)

from shared.adapters.mongo.faults import conflicting, meant, undecided
from shared.kernel.errors import PortFailed, Unreachable

TRANSIENT, UNKNOWN = "TransientTransactionError", "UnknownTransactionCommitResult"


def labelled(error: PyMongoError, label: str) -> PyMongoError:
    error._add_error_label(label)
    return error


def failed(code: int, *labels: str) -> OperationFailure:
    return OperationFailure("no", code, {"errorLabels": list(labels)})


def bulk(**details: Any) -> ClientBulkWriteException:
    return ClientBulkWriteException(details, verbose=False)


@pytest.mark.parametrize(
    "error",
    [
        failed(112, TRANSIENT),
        bulk(error=failed(112, TRANSIENT), writeErrors=[]),
        bulk(error=None, writeErrors=[{"code": 11000}]),
        BulkWriteError({"writeErrors": [{"code": 11000}]}),
        labelled(AutoReconnect("reset"), TRANSIENT),
        bulk(error=labelled(AutoReconnect("reset"), TRANSIENT)),
    ],
)
def test_who_was_not_first_begins_again(error: PyMongoError) -> None:
    assert conflicting(error)


@pytest.mark.parametrize(
    "error",
    [
        failed(13),
        failed(251, UNKNOWN),
        bulk(error=failed(313), writeErrors=[]),
        labelled(ServerSelectionTimeoutError("nobody"), TRANSIENT),
        bulk(error=labelled(ServerSelectionTimeoutError("nobody"), TRANSIENT)),
    ],
)
def test_all_else_is_not_tried_again(error: PyMongoError) -> None:
    assert not conflicting(error)


def test_a_commit_without_an_answer_is_asked_again_where_a_server_is() -> None:
    assert undecided(labelled(AutoReconnect("reset"), UNKNOWN))
    assert not undecided(labelled(ServerSelectionTimeoutError("nobody"), UNKNOWN))
    assert not undecided(failed(251, TRANSIENT))


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ServerSelectionTimeoutError("nobody, Timeout: 3s"), Unreachable),
        (NetworkTimeout("slow"), Unreachable),
        (NotPrimaryError("elsewhere"), Unreachable),
        (WTimeoutError("too few", 64), Unreachable),
        (failed(112, TRANSIENT), Unreachable),
        (bulk(error=labelled(AutoReconnect("reset"), TRANSIENT)), Unreachable),
        (failed(18), PortFailed),
        (bulk(error=failed(13), writeErrors=[]), PortFailed),
        (bulk(error=None, writeErrors=[{"code": 17420}]), ValueError),
        (failed(313), ValueError),
        (failed(257, TRANSIENT), ValueError),
        (InvalidDocument("too large"), ValueError),
    ],
)
def test_an_error_says_what_is_right_to_do(error: Exception, kind: type[Exception]) -> None:
    with pytest.raises(kind) as told, meant("MongoDB at x"):
        raise error
    assert type(told.value) is kind
    assert "Timeout:" not in str(told.value)
