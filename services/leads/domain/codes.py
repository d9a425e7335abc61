"""统一社会信用代码 (USCC): 18 characters, the last one a check digit.

A code of the wrong shape is refused; a wrong check digit is only told. A lead is never lost for a
slip of the pen, and the customer is still the one that code names.
"""

import re

from shared.kernel.errors import Malformed

SHAPE = re.compile(r"[0-9A-Z]{18}")


def compact(code: str | None) -> str | None:
    """Without spaces and hyphens, in capitals; None for an empty one."""
    if not code or not (bare := re.sub(r"[\s-]", "", code).upper()):
        return None
    if not SHAPE.fullmatch(bare):
        raise Malformed("uscc-invalid", "a 统一社会信用代码 has 18 letters and digits")
    return bare
