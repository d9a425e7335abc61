"""The gateway, as one value: routes only."""

from services.gateway.api import routes
from shared.runtime.context import Context

CONTEXT = Context(name="gateway", routes=routes)
