"""An anomaly is an episode: one run of abnormal weeks of a region, reported once by whoever."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from services.forecast.domain.commands import ReportAnomaly
from services.forecast.domain.episodes import Judgement, news
from services.forecast.domain.windows import Weeks
from shared.contracts.forecast import SalesAnomalyDetected
from shared.contracts.ids import named
from shared.contracts.money import Money
from shared.kernel.decider import Aggregate, Decider

RULE = "regional-week"
PLACES = Decimal("0.0001")


def decide(command: ReportAnomaly, reported: bool) -> list[SalesAnomalyDetected]:
    if reported:
        return []
    return [
        SalesAnomalyDetected(
            rule=command.rule,
            region=command.region,
            week=command.week,
            amount=command.amount,
            mean=command.mean,
            deviation=command.deviation,
            z=command.z,
            weeks=command.weeks,
        )
    ]


def anomaly_stream(rule: str, region: str, currency: str, week: date) -> str:
    """Named by the rule, the region and the episode, which is the week that it began with."""
    return f"forecast.anomaly-{named(rule, region, currency, week)}"


def reports(
    region: str, currency: str, weeks: Weeks, today: date, at: datetime
) -> Iterable[tuple[str, ReportAnomaly]]:
    """What there is to report of a region on a day: the same whoever looks."""
    for episode in news(weeks, today):
        stream = anomaly_stream(RULE, region, currency, episode.began.week)
        yield stream, reported(region, currency, episode.began, at)


def reported(region: str, currency: str, began: Judgement, at: datetime) -> ReportAnomaly:
    return ReportAnomaly(
        rule=RULE,
        region=region,
        week=began.week,
        amount=Money(began.amount, currency),
        mean=Money(began.mean, currency).rounded(),
        deviation=Money(began.deviation, currency).rounded(),
        z=None if began.z is None else began.z.quantize(PLACES, ROUND_HALF_UP),
        weeks=began.weeks,
        at=at,
    )


DECIDER: Decider[ReportAnomaly, bool, SalesAnomalyDetected] = Decider(
    decide, lambda _, __: True, False
)
ANOMALY = Aggregate(name="anomaly", decider=DECIDER, facts=(SalesAnomalyDetected,))
