"""Leads: nobody holds more of a rule's leads than its capacity, and one lead has one holder."""

from dataclasses import dataclass, field

from tests.reliability.simulation.oracle.told import Told, never


@dataclass(slots=True)
class Leads:
    capacity: dict[str, int | None] = field(default_factory=dict)  # by rule
    holders: dict[str, tuple[str, str]] = field(default_factory=dict)  # lead: rule, partner

    def see(self, fact: Told) -> None:
        data = fact.data
        match fact.type:
            case "LeadRulePublished":
                self.capacity[data["rule_id"]] = data["terms"]["capacity"]
            case "LeadAssigned":
                never(fact.id in self.holders, f"{fact.id} is offered to two")
                rule = data["rule"]["id"]
                self.holders[fact.id] = (rule, data["partner_id"])
                self._check(rule, data["partner_id"])
            case "LeadAccepted":
                held = self.holders.get(fact.id, ("", ""))[1]
                never(held != data["partner_id"], f"{fact.id} is accepted by another")
            case "LeadDeclined" | "LeadReleased":
                never(fact.id not in self.holders, f"{fact.id} had no holder")
                del self.holders[fact.id]

    def _check(self, rule: str, partner: str) -> None:
        most = self.capacity.get(rule)
        held = sum(one == (rule, partner) for one in self.holders.values())
        never(most is not None and held > most, f"{partner} holds {held} leads of {rule}")
