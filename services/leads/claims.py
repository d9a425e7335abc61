"""LeadCaptured: what a web form, a campaign tool or a call centre reports."""

from collections.abc import Iterable

from services.leads.domain.codes import compact
from services.leads.domain.commands import RegisterLead
from services.leads.domain.lead import registered
from services.leads.domain.names import Company, squeezed
from services.leads.domain.streams import customer_for, lead
from shared.contracts.ids import named
from shared.contracts.inbound import Contact, LeadCaptured
from shared.kernel.claim import Claim, Claimed
from shared.kernel.errors import Refused
from shared.kernel.policy import Asked, Read
from shared.kernel.ports import People

SOURCES = ("campaign", "referral", "outbound", "web")
LONGEST = 200


async def capture(
    claim: LeadCaptured, claimed: Claimed, read: Read, people: People
) -> Iterable[Asked]:
    """The capture names the lead: the same one again is done, another one is refused."""
    command = asked(claim, claimed)
    told = [fact for fact, _ in await read.facts(lead(claim.capture_id))]
    if not told:
        await people.put(named("person", claim.capture_id), known(claim.contact))
    elif told[:2] == registered(command):
        return []
    return [(lead(claim.capture_id), command)]


def asked(claim: LeadCaptured, claimed: Claimed) -> RegisterLead:
    check(claim)
    company = Company(claim.company.strip(), compact(claim.uscc))
    return RegisterLead(
        lead_id=claim.capture_id,
        customer_id=customer_for(company, claim.capture_id),
        company=company,
        source=claim.source,
        region=claim.region.strip(),
        industry=claim.industry.strip(),
        product_line=claim.product_line,
        estimated_amount=claim.estimated_amount,
        person_id=named("person", claim.capture_id),
        captured_at=claim.captured_at,
        campaign=claim.campaign,
        at=claimed.at,
    )


def check(claim: LeadCaptured) -> None:
    if claim.source not in SOURCES:
        raise Refused("source-unknown", f"one of {', '.join(SOURCES)}")
    if not squeezed(claim.company):
        raise Refused("company-nameless", "a company has a name with letters")
    texts = (claim.company, claim.region, claim.industry, claim.product_line or "-")
    if not all(0 < len(text.strip()) <= LONGEST for text in texts):
        raise Refused("claim-malformed", f"texts have 1 to {LONGEST} characters")
    if claim.estimated_amount and claim.estimated_amount.amount < 0:
        raise Refused("claim-malformed", "an estimate is not negative")
    if claim.captured_at.tzinfo is None:
        raise Refused("claim-malformed", "captured_at is an instant with its offset")


def known(contact: Contact) -> dict[str, str]:
    fields = {
        "name": contact.name,
        "title": contact.title,
        "phone": contact.phone,
        "email": contact.email,
    }
    return {name: value for name, value in fields.items() if value}


LEAD_CAPTURED: Claim[LeadCaptured] = Claim(fact=LeadCaptured, react=capture)
CLAIMS = (LEAD_CAPTURED,)
