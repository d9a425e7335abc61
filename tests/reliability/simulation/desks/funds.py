"""Market funds: more is asked of them than they hold, by several at once, and claimed twice."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.reliability.simulation.desks.pen import PARTNERS, Kinds, Pen, yuan
from tests.reliability.simulation.moves import Ask

SHORT = {"starts_on": "2026-03-01", "ends_on": "2026-04-05"}  # it ends within the story
LONG = {"starts_on": "2026-03-01", "ends_on": "2026-09-30"}
NEXT = {"starts_on": "2026-04-06", "ends_on": "2026-12-31"}
EARNED = {"rate": "0.05", "half": "2026H1"}
OPEN, OWN, ACCRUED = "fu-open", "fu-own", "fu-earned"
STEPS = ("check", "approval", "payment")
COSTS, ELIGIBLE = (5_001, 200_000, 600_000), (0, 4_999, 5_001, 5_001)
LAST_DAYS = ("2026-03-20", "2026-04-01", "2026-04-05")
"""Of an activity; two days later no claim is taken any more."""


@dataclass(slots=True)
class Funds:
    pen: Pen
    requests: list[tuple[str, str]] = field(default_factory=list)  # id, partner
    claims: list[tuple[str, str]] = field(default_factory=list)
    looked: Counter[str] = field(default_factory=Counter)  # how often, at a claim

    def begun(self) -> Iterator[Ask]:
        carried = {"claim_days": 2, "carry_over": "0.5", "successor": "fu-next"}
        yield self._fund(OPEN, SHORT | carried | {"amount": yuan(1_000_000)})
        own = {"partner_id": PARTNERS[0], "claim_days": 2, "amount": yuan(500_000)}
        yield self._fund(OWN, LONG | own)
        yield self._fund("fu-next", NEXT | {"amount": yuan(0)})
        yield self._fund(ACCRUED, {"partner_id": PARTNERS[1], "accrual": EARNED})
        if self.pen.random.randrange(2):  # nobody needs to be asked
            rule = {"version": 2, "steps": []}
            yield self.pen.ask("mdf", "/mdf/approval-rule", rule, role="director")

    def kinds(self) -> Kinds:
        return {
            self._request: 4,
            self._vote: 5,
            self._claim: 4,
            self._look: 9,
            self._undo: 2,
            self._adjust: 1,
        }

    def _fund(self, fund_id: str, told: dict[str, Any]) -> Ask:
        return self.pen.ask("mdf", "/mdf/funds", {"fund_id": fund_id} | told, role="finance")

    def _request(self) -> Ask:
        number, random = len(self.requests) + 1, self.pen.random
        fund, partner = random.choice((
            (OPEN, self.pen.partner()),
            (OPEN, self.pen.partner()),
            (OWN, PARTNERS[0]),
            (ACCRUED, PARTNERS[1]),
        ))  # fmt: skip
        self.requests.append((f"rq-{number}", partner))
        body: dict[str, Any] = {
            "request_id": f"rq-{number}",
            "fund_id": fund,
            "partner_id": partner,
            "amount": yuan(random.choice((12_345, 300_000, 450_001))),
            "share": random.choice(("1", "0.5")),
        }
        if fund != ACCRUED:
            body |= {"starts_on": "2026-03-10", "ends_on": random.choice(LAST_DAYS)}
        return self.pen.ask("mdf", "/mdf/requests", body, partner=partner)

    def _vote(self) -> Ask:
        """Both a manager and marketing have to agree."""
        random, request = self.pen.random, self._some(self.requests, "rq-1")[0]
        verdict = random.choice((*["approval"] * 8, "rejection", "return"))
        body: dict[str, Any] = {"amount": yuan(9_999)} if not random.randrange(6) else {}
        role = random.choice(("manager", "marketing"))
        told = body if verdict == "approval" else {}
        return self.pen.ask("mdf", f"/mdf/requests/{request}/{verdict}", told, role=role)

    def _claim(self) -> Ask:
        """Few invoices there are, and they are shown again."""
        request, partner = self._some(self.requests, "rq-1")
        number, random = len(self.claims) + 1, self.pen.random
        self.claims.append((f"cl-{number}", partner))
        invoice = {"number": f"inv-{random.randrange(9)}", "seller_tax_id": "seller"}
        body: dict[str, Any] = {
            "claim_id": f"cl-{number}",
            "request_id": request,
            "lines": [{"line": 1, "amount": yuan(random.choice(COSTS))}],
            "invoices": [invoice] * random.randrange(2),
        }
        return self.pen.ask("mdf", "/mdf/claims", body, partner=partner)

    def _look(self) -> Ask:
        """The next step of a claim, most of the time."""
        random, claim = self.pen.random, self._some(self.claims, "cl-1")[0]
        done = self.looked[claim]
        self.looked[claim] += 1
        kind = STEPS[done % len(STEPS)]
        if not random.randrange(4):
            kind = random.choice(("rejection", "release", *STEPS))
        eligible = {"line": 1, "eligible": yuan(random.choice(ELIGIBLE)), "reason": "of a fair"}
        bodies: dict[str, Any] = {"check": {"lines": [eligible]}, "release": {"reason": "seen"}}
        path = f"/mdf/claims/{claim}/{kind}"
        return self.pen.ask("mdf", path, bodies.get(kind), role="finance")

    def _undo(self) -> Ask:
        request, partner = self._some(self.requests, "rq-1")
        kind = self.pen.random.choice(("withdrawal", "recall", "closing", "cancellation"))
        who = {"role": "manager"} if kind == "closing" else {"partner": partner}
        return self.pen.ask("mdf", f"/mdf/requests/{request}/{kind}", **who)

    def _adjust(self) -> Ask:
        """The new whole, also below what is promised: then it is refused."""
        own = {"partner_id": PARTNERS[0], "claim_days": 2}
        amount = yuan(self.pen.random.choice((100_000, 700_000)))
        return self._fund(OWN, LONG | own | {"amount": amount})

    def _some(self, those: list[tuple[str, str]], first: str) -> tuple[str, str]:
        return self.pen.of(those) if those else (first, PARTNERS[0])
