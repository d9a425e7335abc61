"""Keeps the accounts: a payment, a version or a level becomes what it does to each account."""

from collections.abc import AsyncIterator

from services.rebates.domain.account import Absent, account_stream
from services.rebates.domain.assessing import Case
from services.rebates.domain.events import BasisRecorded, ProgrammePublished, RebateLevelRecorded
from services.rebates.domain.ledger import Ledger
from services.rebates.domain.programme import Programme, programme_stream
from services.rebates.domain.rules import Rules, Tally
from services.rebates.domain.standing import LEVEL, VERSION
from services.rebates.projections.knowledge import case_of, key_of, ledgers, programmes, rules
from shared.contracts.event import Envelope
from shared.kernel.policy import Asked, Read
from shared.kernel.ports import Condition
from shared.kernel.process import Process

Cause = BasisRecorded | ProgrammePublished | RebateLevelRecorded


async def keep_accounts(fact: Cause, envelope: Envelope, read: Read) -> list[Asked]:
    """One process for all three, so that they are taken in the order in which they came."""
    match fact:
        case BasisRecorded():
            return [asked async for asked in _on_payment(fact, envelope, read)]
        case ProgrammePublished():
            return [asked async for asked in _on_version(fact, envelope, read)]
        case RebateLevelRecorded():
            return [asked async for asked in _on_level(fact, envelope, read)]


async def _on_payment(fact: BasisRecorded, envelope: Envelope, read: Read) -> AsyncIterator[Asked]:
    ledger: Ledger = await read.fold(envelope.subject)
    version, at = envelope.sequence, envelope.occurredat
    known = ledger.revisions(fact.paid_on, fact.document)
    bases = [record.basis for record in known if record.version <= version]
    for programme in await programmes(read):
        lens = await rules(read, programme, fact.partner_id)
        for slot in lens.touched(bases):
            one = await case_of(read, lens, ledger, key_of(lens, fact.partner_id, slot))
            yield account_stream(one.key), one.on_payment(fact, version, at)


async def _on_version(
    fact: ProgrammePublished, envelope: Envelope, read: Read
) -> AsyncIterator[Asked]:
    """A programme published later reads every ledger it touches from its beginning."""
    programme: Programme = await read.fold(programme_stream(fact.terms.programme_id))
    since: Condition = ("year", "ge", f"{fact.terms.effective_from.year:04}")
    async for partner_id, ledger in ledgers(read, since):
        lens = await rules(read, programme, partner_id)
        before = Rules(programme.upto(fact.terms.version - 1), lens.levels)
        async for one in _touched(read, before, lens, ledger, partner_id):
            command = one.on_rules(VERSION, envelope.id, envelope.occurredat)
            yield account_stream(one.key), command


async def _on_level(
    fact: RebateLevelRecorded, envelope: Envelope, read: Read
) -> AsyncIterator[Asked]:
    mine: Condition = ("partner_id", "eq", fact.partner_id)
    for programme in [one for one in await programmes(read) if one.knows_levels]:
        lens = await rules(read, programme, fact.partner_id)
        before = lens.upto(programme.newest, envelope.sequence - 1)
        async for partner_id, ledger in ledgers(read, mine):
            async for one in _touched(read, before, lens, ledger, partner_id):
                command = one.on_rules(LEVEL, fact.source, envelope.occurredat)
                yield account_stream(one.key), command


async def _touched(
    read: Read, before: Rules, after: Rules, ledger: Ledger, partner_id: str
) -> AsyncIterator[Case]:
    """The accounts that have a piece of the ledger now, and those that had one."""
    bases = list(ledger.all())
    now = Tally(after, bases).parts
    for slot in dict.fromkeys([*now, *Tally(before, bases).parts]):
        one = await case_of(read, after, ledger, key_of(after, partner_id, slot))
        if slot in now or not isinstance(one.account, Absent):
            yield one


KEEP_ACCOUNTS: Process[Cause] = Process(
    name="rebates.keep-accounts",
    facts=(BasisRecorded, ProgrammePublished, RebateLevelRecorded),
    react=keep_accounts,
)
