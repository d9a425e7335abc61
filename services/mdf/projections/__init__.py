"""What can be asked of mdf: its funds, requests and claims, and what activities brought."""

from services.mdf.projections.effects import CAMPAIGNS, CUSTOMERS
from services.mdf.projections.funds import FUNDS, accrues
from services.mdf.projections.requests import CLAIMS, REQUESTS

ALL = (FUNDS, REQUESTS, CLAIMS, CUSTOMERS, CAMPAIGNS)
__all__ = ["ALL", "CAMPAIGNS", "CLAIMS", "CUSTOMERS", "FUNDS", "REQUESTS", "accrues"]
