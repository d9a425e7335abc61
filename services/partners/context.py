"""The partners context, as one value."""

from services.partners.api import routes
from services.partners.domain.partner import AGGREGATE
from services.partners.projections import REGISTER
from shared.runtime.context import Context

CONTEXT = Context(
    name="partners",
    aggregates=(AGGREGATE,),
    projections=(REGISTER,),
    routes=routes,
)
