"""From a fact of ours to the next command: sharing leads out, and looking customers up."""

from services.leads.processes.customers import COMPARE, INTRODUCE
from services.leads.processes.deals import CONTEND, JUDGE
from services.leads.processes.handover import HAND_OVER
from services.leads.processes.ownership import CONFIRM, COUNT, KEEP
from services.leads.processes.sharing import ASSIGN, FREE, OFFER, OVERFLOW, RECONSIDER

PROCESSES = (
    INTRODUCE,
    COMPARE,
    ASSIGN,
    OFFER,
    OVERFLOW,
    FREE,
    RECONSIDER,
    CONTEND,
    JUDGE,
    COUNT,
    CONFIRM,
    KEEP,
    HAND_OVER,
)
