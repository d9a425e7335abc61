"""What every adapter of a port must do: a test class per adapter inherits, with its fixture."""

import pytest

pytest.register_assert_rewrite(
    *(f"{__name__}.{port}" for port in ("store", "bus", "views", "finding", "people", "carrier"))
)
