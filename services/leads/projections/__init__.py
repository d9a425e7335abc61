"""The views of leads: leads, customers and their names, rules."""

from services.leads.projections.customers import CUSTOMERS, NAMES
from services.leads.projections.opportunities import OPPORTUNITIES, STAGE_MODELS
from services.leads.projections.pipeline import PIPELINE
from services.leads.projections.registrations import REGISTRATIONS
from services.leads.projections.rules import RULES

PROJECTIONS = (PIPELINE, CUSTOMERS, NAMES, RULES, REGISTRATIONS, OPPORTUNITIES, STAGE_MODELS)
