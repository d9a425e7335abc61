"""What a partner submits is a reason to publish; what it paid or is to sell, one to measure."""

from collections.abc import Iterable
from typing import Any

from services.forecast.domain.actuals import Actuals, actuals_stream
from services.forecast.domain.commands import AwaitRound, MeasureTarget
from services.forecast.domain.events import ActualRecorded
from services.forecast.domain.months import month_of
from services.forecast.domain.round import STREAM
from services.forecast.domain.target import target_stream
from shared.contracts.event import Envelope
from shared.contracts.forecast import ForecastSubmitted, TargetSet
from shared.kernel.policy import Asked, Read
from shared.kernel.process import Process


async def await_round(_: ForecastSubmitted, envelope: Envelope, __: Read) -> Iterable[Asked]:
    return [(STREAM, AwaitRound(recorded_at=envelope.time, at=envelope.occurredat))]


async def measure(
    fact: ActualRecorded | TargetSet, envelope: Envelope, read: Read
) -> Iterable[Asked]:
    """By all that is recorded by now: a later payment is measured again."""
    if isinstance(fact, TargetSet):
        month, lines = fact.month, {fact.product_line}
    else:
        month, lines = month_of(fact.paid_on), {piece.product_line for piece in fact.deltas}
    known: Actuals = await read.fold(actuals_stream(fact.partner_id, int(month[:4])))
    return [
        (
            target_stream(fact.partner_id, line, month),
            MeasureTarget(collected=known.sums.get((line, month), ()), at=envelope.occurredat),
        )
        for line in sorted(lines)
    ]


PROCESSES: tuple[Process[Any], ...] = (
    Process(name="forecast.await-round", facts=(ForecastSubmitted,), react=await_round),
    Process(name="forecast.measure-target", facts=(ActualRecorded, TargetSet), react=measure),
)
