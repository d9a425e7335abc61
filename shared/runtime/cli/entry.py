"""The console script. The zone of business dates is read at import, so it is looked at before."""

import os
import sys
from importlib import import_module
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def main() -> None:
    zone = os.environ.get("QUDAO_TIMEZONE", "Asia/Shanghai")
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        sys.exit(f"QUDAO_TIMEZONE: {zone!r} is no time zone; one is called Asia/Shanghai")
    import_module("shared.runtime.cli.main").main()
