"""The form of a Grafana dashboard: rows of panels, a question each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

SOURCE = {"type": "prometheus", "uid": "prometheus"}
Unit = Literal["short", "s", "ops", "reqps", "percentunit"]
WIDTH, HEIGHT = 24, 8


@dataclass(frozen=True, slots=True)
class Panel:
    """One question; `bad` is the value from which it is red, `one` shows only the last value."""

    title: str
    asks: str
    legend: str = ""
    unit: Unit = "short"
    bad: float | None = None
    one: bool = False

    def json(self, number: int, place: dict[str, int]) -> dict[str, Any]:
        steps: list[dict[str, Any]] = [{"color": "green", "value": None}]
        if self.bad is not None:
            steps.append({"color": "red", "value": self.bad})
        target = {"refId": "A", "expr": self.asks, "legendFormat": self.legend or "__auto"}
        return {
            "id": number,
            "type": "stat" if self.one else "timeseries",
            "title": self.title,
            "datasource": SOURCE,
            "gridPos": place,
            "targets": [{**target, "datasource": SOURCE}],
            "fieldConfig": {
                "defaults": {
                    "unit": self.unit,
                    "min": None if self.one else 0,
                    "thresholds": {"mode": "absolute", "steps": steps},
                },
                "overrides": [],
            },
        }


@dataclass(frozen=True, slots=True)
class Dashboard:
    name: str
    title: str
    rows: Sequence[Sequence[Panel]]

    def json(self) -> dict[str, Any]:
        return {
            "uid": f"qudao-{self.name}",
            "title": f"Qudao: {self.title}",
            "tags": ["qudao"],
            "schemaVersion": 39,
            "editable": False,
            "refresh": "30s",
            "time": {"from": "now-3h", "to": "now"},
            "timezone": "browser",
            "links": [
                {"type": "dashboards", "tags": ["qudao"], "title": "Qudao", "asDropdown": True}
            ],
            "panels": self._panels(),
        }

    def _panels(self) -> list[dict[str, Any]]:
        made: list[dict[str, Any]] = []
        for line, row in enumerate(self.rows):
            width = WIDTH // len(row)
            for column, panel in enumerate(row):
                place = {"x": column * width, "y": line * HEIGHT, "w": width, "h": HEIGHT}
                made.append(panel.json(len(made) + 1, place))
        return made
