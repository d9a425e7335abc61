"""How reactions and routes look up what an account is computed from."""

from collections.abc import AsyncIterator

from services.rebates.domain.account import Account, account_stream
from services.rebates.domain.assessing import Case
from services.rebates.domain.events import AccountKey
from services.rebates.domain.ledger import Ledger, ledger_stream
from services.rebates.domain.partner import Levels, partner_stream
from services.rebates.domain.programme import Programme, programme_stream
from services.rebates.domain.rules import Rules, Slot
from services.rebates.projections.sources import LEDGERS, PROGRAMMES
from shared.kernel.paging import every
from shared.kernel.policy import Read
from shared.kernel.ports import Condition


async def programmes(read: Read) -> list[Programme]:
    found = [row["programme_id"] async for row in every(read, PROGRAMMES.name)]
    return [await read.fold(programme_stream(programme_id)) for programme_id in found]


async def rules(read: Read, programme: Programme, partner_id: str) -> Rules:
    """Levels only where the programme asks for them, so that others do not notice a change."""
    known = programme.knows_levels
    levels = await read.fold(partner_stream(partner_id)) if known else Levels()
    return Rules(programme, levels)


async def ledgers(read: Read, *where: Condition) -> AsyncIterator[tuple[str, Ledger]]:
    """Every partner's ledgers that meet the conditions, by partner."""
    async for row in every(read, LEDGERS.name, *where, sort="partner_id"):
        partner_id = str(row["partner_id"])
        yield partner_id, await read.fold(ledger_stream(partner_id, int(row["year"])))


async def case_of(read: Read, lens: Rules, ledger: Ledger, key: AccountKey) -> Case:
    account: Account = await read.fold(account_stream(key))
    return Case(key=key, account=account, rules=lens, ledger=ledger)


def key_of(lens: Rules, partner_id: str, slot: Slot) -> AccountKey:
    return AccountKey(
        programme_id=lens.programme.latest.programme_id,
        partner_id=partner_id,
        period=slot.period,
        values=slot.values,
    )
