"""A proposal that a refund made is shown with all three restatements before it is approved."""

from uuid import UUID

from services.rebates.domain.events import BasisRecorded
from services.rebates.domain.ledger import Ledger, ledger_stream
from services.rebates.domain.periods import kind_of, period_of, year_of
from services.rebates.domain.programme import Programme, programme_stream
from services.rebates.domain.restating import Booked, current, origin, pro_rata, taken_back
from services.rebates.domain.rules import Rules, Slot
from services.rebates.domain.standing import MONEY
from services.rebates.projections.entries import ENTRIES
from services.rebates.projections.knowledge import rules
from shared.contracts.money import Money, total
from shared.kernel.codec import document, restored
from shared.kernel.paging import every
from shared.kernel.policy import Read
from shared.kernel.ports import Condition, Document


async def with_restatements(read: Read, proposal: Document) -> Document:
    """In all three ways, whichever the programme has chosen."""
    if proposal["reason"] != MONEY["refund"]:
        return proposal
    partner_id, kind = proposal["partner_id"], kind_of(proposal["period"])
    programme: Programme = await read.fold(programme_stream(proposal["programme_id"]))
    lens = (await rules(read, programme, partner_id)).restating("origin")
    ledger: Ledger = await read.fold(ledger_stream(partner_id, year_of(proposal["period"])))
    cause = UUID(proposal["counted"][0])
    refund = next((one for one in ledger.all() if one.source == cause), None)
    if refund is None:
        return proposal
    slot = Slot(period_of(refund.paid_on, kind), values_of(lens, proposal))
    net = taken_back(lens, ledger, slot, cause)
    own = slot._replace(period=period_of(refund.day, kind))
    elsewhere = await _ledger_of(read, refund)
    booked = await _booked(read, proposal | {"period": slot.period})
    found = {
        "origin": document(origin(lens, ledger, slot, refund)),
        "current": document(current(lens, elsewhere, own, net)),
        "pro_rata": document(pro_rata(net, booked)),
    }
    return proposal | {"restatements": found}


def values_of(lens: Rules, proposal: Document) -> tuple[str, ...]:
    """The partition as it was joined: as many values as the programme has dimensions."""
    dimensions = len(lens.programme.latest.partition)
    partition: str = proposal["partition"]
    return tuple(partition.split("/", dimensions - 1)) if dimensions else ()


async def _ledger_of(read: Read, refund: BasisRecorded) -> Ledger:
    ledger: Ledger = await read.fold(ledger_stream(refund.partner_id, refund.day.year))
    return ledger


async def _booked(read: Read, proposal: Document) -> Booked:
    names = ("programme_id", "partner_id", "period", "partition")
    where: list[Condition] = [(name, "eq", proposal[name]) for name in names]
    entries = [row async for row in every(read, ENTRIES.name, *where)]
    entries.sort(key=lambda row: int(row["number"]))
    amounts: list[Money] = [restored(row["amount"], Money) for row in entries]
    volume: Money = restored(entries[-1]["volume"], Money)
    return Booked(amount=total(amounts, volume.currency), volume=volume)
