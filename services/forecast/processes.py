"""What a partner submits is a reason to publish."""

from collections.abc import Iterable
from typing import Any

from services.forecast.domain.commands import AwaitRound
from services.forecast.domain.round import STREAM
from shared.contracts.event import Envelope
from shared.contracts.forecast import ForecastSubmitted
from shared.kernel.policy import Asked, Read
from shared.kernel.process import Process


async def await_round(_: ForecastSubmitted, envelope: Envelope, __: Read) -> Iterable[Asked]:
    return [(STREAM, AwaitRound(recorded_at=envelope.time, at=envelope.occurredat))]


PROCESSES: tuple[Process[Any], ...] = (
    Process(name="forecast.await-round", facts=(ForecastSubmitted,), react=await_round),
)
