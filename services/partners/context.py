"""The partners context, as one value."""

from services.partners.api import routes
from services.partners.domain.delegation import DELEGATION
from services.partners.domain.partner import AGGREGATE
from services.partners.projections import DELEGATIONS, REGISTER
from shared.runtime.context import Context

CONTEXT = Context(
    name="partners",
    aggregates=(AGGREGATE, DELEGATION),
    projections=(REGISTER, DELEGATIONS),
    routes=routes,
)
