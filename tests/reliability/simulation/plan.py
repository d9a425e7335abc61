"""A story from a seed: a business with several partners, and all that goes wrong meanwhile."""

from dataclasses import dataclass, field
from random import Random

from tests.reliability.simulation.desks import Pen, business
from tests.reliability.simulation.moves import (
    Ask,
    AskAgain,
    Break,
    Crash,
    Cut,
    Go,
    Jump,
    Move,
    Repeat,
    Share,
    Story,
    Withhold,
    Work,
)

CONTEXTS = {
    "partners": 1,
    "leads": 2,
    "orders": 5,
    "rebates": 4,
    "mdf": 3,
    "forecast": 1,
    "notifications": 1,
}
"""And how often trouble looks for each of them."""
MONEY = ("PaymentReceived", "PaymentAllocated", "PaymentRefunded", "PaymentReversed")
TOPICS = {
    "leads": ("PartnerEnrolled", "PartnerSuspended", "PartnerTierChanged", "LeadCaptured"),
    "orders": ("PartnerEnrolled", "CreditLimitSet", "PaymentReported", "ShipmentReported"),
    "rebates": (*MONEY, "PartnerEnrolled"),
    "mdf": MONEY,
    "forecast": ("PaymentReceived", "PaymentAllocated", "OrderApproved"),
    "notifications": ("OrderHeld", "OrderApproved", "LeadAssigned", "DealRegistered"),
}
TROUBLE, LASTS = 0.45, 12
QUIET = 8  # commands, until what was asked has time to have its effects


@dataclass(slots=True)
class Trouble:
    """Faults, in the order in which they come to its mind."""

    random: Random
    several: bool
    lasting: list[tuple[int, Move]] = field(default_factory=list)  # for so many commands more

    def over(self) -> list[Move]:
        """What is cut or withheld comes back after a while; the same move again does it."""
        self.lasting = [(left - 1, move) for left, move in self.lasting]
        gone = [move for left, move in self.lasting if left < 0]
        self.lasting = [one for one in self.lasting if one[0] >= 0]
        return gone

    def _lasts(self, move: Move) -> Move:
        self.lasting.append((self.random.randrange(LASTS), move))
        return move

    def some(self) -> Move:
        kinds = {
            self._break: 8,
            self._crash: 3,
            self._cut: 2,
            self._withhold: 4,
            self._repeat: 3,
            self._jump: 2,
            self._share: 3 if self.several else 0,
        }
        (kind,) = self.random.choices([*kinds], weights=[*kinds.values()])
        return kind()

    def _place(self) -> tuple[str, int]:
        (context,) = self.random.choices([*CONTEXTS], [*CONTEXTS.values()])
        return context, self.random.randrange(2)

    def _break(self) -> Move:
        after = self.random.choice((0, 1, 3, self.random.randrange(60)))
        return Break(*self._place(), after, self.random.choice(("lost", "unheard")))

    def _crash(self) -> Move:
        return Crash(*self._place())

    def _cut(self) -> Move:
        return self._lasts(Cut(*self._place(), self.random.choice(("store", "bus", "views"))))

    def _withhold(self) -> Move:
        context = self.random.choice([*TOPICS])
        held = Withhold(context, self.random.randrange(2), self.random.choice(TOPICS[context]))
        return self._lasts(held)

    def _repeat(self) -> Move:
        return Repeat(self.random.randrange(10_000), self.random.choice((2, 6, 24)))

    def _jump(self) -> Move:
        return Jump(self.random.choice((-300, 60, 3_600, 30_000, 90_000)))

    def _share(self) -> Move:
        mine = tuple(n for n in range(6) if self.random.randrange(2))
        return Share(*self._place(), bool(self.random.randrange(2)), mine)


def story(seed: int) -> Story:
    random = Random(seed)
    processes = random.choice((1, 2, 2))
    pen, trouble = Pen(random), Trouble(random, several=processes > 1)
    moves: list[Move] = []
    for command in business(pen):
        moves.append(command)
        if isinstance(command, Ask) and not random.randrange(6):
            moves.append(AskAgain(random.randint(1, pen.asked), random.randrange(2)))
        for _ in range(random.randint(1, 5)):
            moves.append(Go(random.randrange(10_000), random.choice((2, 10, 40, 120))))
        if not random.randrange(QUIET):
            moves.append(Work(random.randint(1, 3)))
        moves += trouble.over()
        if random.random() < TROUBLE:
            moves.append(trouble.some())
    return Story(seed, tuple(moves), processes)
