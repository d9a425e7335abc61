"""The sample claims of docs/guides/topics.md, as a foreign system would send them."""

import json
import re
from pathlib import Path
from typing import Any

GUIDE = Path(__file__).parents[1] / "docs" / "guides" / "topics.md"
FENCED = re.compile(r"```json\n(.*?)```", re.DOTALL)


def samples() -> dict[str, dict[str, Any]]:
    """By their type."""
    told = [json.loads(text) for text in FENCED.findall(GUIDE.read_text(encoding="utf-8"))]
    return {event["type"]: event for event in told}


def line(type_: str, **other: Any) -> str:
    return json.dumps({**samples()[type_], **other}, ensure_ascii=False)
