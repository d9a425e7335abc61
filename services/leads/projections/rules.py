"""The assignment rules in force, and which of them is for a lead."""

from collections.abc import Iterable

from services.leads.domain.events import LeadRulePublished, RuleTerms
from services.leads.domain.rule import matches
from shared.contracts.event import Envelope
from shared.contracts.leads import LeadRegistered
from shared.kernel.codec import document, restored
from shared.kernel.paging import every
from shared.kernel.policy import Read
from shared.kernel.ports import Document, Index
from shared.kernel.projection import Projection


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
    async for row in every(read, RULES.name, sort="priority"):
        terms = restored(row["terms"], RuleTerms)
        if matches(terms, lead):
            return LeadRulePublished(rule_id=row["rule_id"], version=row["version"], terms=terms)
    return None
