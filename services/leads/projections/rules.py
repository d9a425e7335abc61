"""The assignment rules in force, and which of them is for a lead."""

from collections.abc import Iterable

from services.leads.domain.events import LeadRulePublished, RuleTerms
from services.leads.domain.rule import matches
from shared.contracts.event import Envelope
from shared.contracts.leads import LeadRegistered
from shared.kernel.codec import document, restored
from shared.kernel.policy import Read
from shared.kernel.ports import Document, Index, Query
from shared.kernel.projection import Projection

PAGE = 200


def by_stream(_: LeadRulePublished, envelope: Envelope) -> Iterable[str]:
    return [envelope.subject]


def latest(
    key: str, row: Document | None, fact: LeadRulePublished, envelope: Envelope
) -> Document:
    flat: Document = document(fact)
    return flat | {"priority": str(fact.terms.priority)}


RULES: Projection[LeadRulePublished] = Projection(
    name="leads.rules",
    facts=(LeadRulePublished,),
    keys=by_stream,
    fold=latest,
    indexes=(Index("priority", "decimal"),),
)


async def rule_for(read: Read, lead: LeadRegistered) -> LeadRulePublished | None:
    """By priority, then id: the first that matches."""
    cursor: str | None = None
    while True:
        query = Query(sort="priority", cursor=cursor, limit=PAGE)
        page = await read.find(RULES.name, query)
        for row in page.documents:
            terms = restored(row["terms"], RuleTerms)
            if matches(terms, lead):
                return LeadRulePublished(
                    rule_id=row["rule_id"], version=row["version"], terms=terms
                )
        if not (cursor := page.cursor):
            return None
