"""What was asked and what came of it, held against the stores after each move, and in the end."""

from dataclasses import dataclass, field
from hashlib import sha256

from shared.contracts.ids import named
from shared.kernel.codec import pack
from tests.reliability.simulation.doors import cause_of
from tests.reliability.simulation.oracle import answers, views
from tests.reliability.simulation.oracle.accounts import Account
from tests.reliability.simulation.oracle.deals import Deals
from tests.reliability.simulation.oracle.funds import Funds
from tests.reliability.simulation.oracle.goods import Goods
from tests.reliability.simulation.oracle.leads import Leads
from tests.reliability.simulation.oracle.rebates import Rebates
from tests.reliability.simulation.oracle.streams import Streams
from tests.reliability.simulation.oracle.targets import Targets
from tests.reliability.simulation.oracle.told import Told, never, told
from tests.reliability.simulation.world import World, written

ACCOUNT = "orders.account-"


@dataclass(slots=True)
class Oracle:
    world: World
    streams: dict[str, Streams] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    receipts: dict[str, Told] = field(default_factory=dict)
    rejected: set[str] = field(default_factory=set)
    declined: set[str] = field(default_factory=set)  # claims, by the digest of their bytes
    goods: Goods = field(default_factory=Goods)
    leads: Leads = field(default_factory=Leads)
    deals: Deals = field(default_factory=Deals)
    funds: Funds = field(default_factory=Funds)
    rebates: Rebates = field(default_factory=Rebates)
    targets: Targets = field(default_factory=Targets)
    delivered: set[str] = field(default_factory=set)
    counted: dict[str, int] = field(default_factory=dict)

    def look(self) -> None:
        """At what was stored since the last look."""
        for context, shelf in self.world.shelves.items():
            streams = self.streams.setdefault(context, Streams())
            new = shelf.store.between(streams.position, len(shelf.store.log))
            facts = [told(position, envelope) for position, envelope in new]
            for fact in facts:
                streams.see(fact)
                self._see(context, fact)
            self._credit(facts)

    def _see(self, context: str, fact: Told) -> None:
        match context, fact.type:
            case _, "ClaimRejected":
                again = fact.data["slug"] == "idempotency-key-reused"
                never(again, f"{fact.data}: it is the same as before")
                self.declined.add(fact.data["origin"]["sha256"])
            case "leads", _:
                self.leads.see(fact)
                self.deals.see(fact)
            case "mdf", _:
                self.funds.see(fact)
            case "rebates", _:
                self.rebates.see(fact)
            case "forecast", _:
                self.targets.see(fact)
            case "notifications", "NotificationSent" if fact.data["channel"] == "log":
                self.delivered.add(fact.data["delivery_id"])
            case "orders", _:
                self._see_orders(fact)

    def _see_orders(self, fact: Told) -> None:
        match fact.type:
            case "ReceiptRecorded":
                self.receipts[fact.data["payment_id"]] = fact
                self.rejected.discard(fact.data["payment_id"])  # it may be reported again
            case "ReceiptRejected":
                self.rejected.add(fact.data["payment_id"])
            case _ if fact.envelope.subject.startswith("orders.order-"):
                self.goods.see(fact)

    def _credit(self, facts: list[Told]) -> None:
        """A command is stored whole: the account is right after each."""
        mine = [one for one in facts if one.envelope.subject.startswith(ACCOUNT)]
        for n, fact in enumerate(mine):
            account = self.accounts.setdefault(fact.id, Account(fact.id))
            never(fact.data["partner_id"] != fact.id, f"{fact.data} in the account of {fact.id}")
            account.see(fact)
            self.targets.money(fact)
            behind = mine[n + 1] if n + 1 < len(mine) else None
            if behind is None or behind.envelope.commandid != fact.envelope.commandid:
                same = fact.envelope.commandid
                account.check({one.type for one in mine if one.envelope.commandid == same})

    def judge_again(self, facts: int, sent: int) -> None:
        """All views were folded anew: they are as they were, and nothing else happened."""
        never(facts != self.facts, f"{self.facts - facts} facts came of a rebuild")
        never(sent != len(self.world.outside.sent), "a rebuild sent something out")
        views.judge(self.world)

    @property
    def facts(self) -> int:
        return sum(len(shelf.store.log) for shelf in self.world.shelves.values())

    async def judge(self) -> None:
        """Everything is healed and at rest."""
        self._parked()
        self._acknowledged()
        self._payments()
        self._reported()
        self._statuses()
        self._bus()
        sent = set(self.world.outside.sent)
        never(
            sent != self.delivered, f"sent and not recorded, or not sent: {sent ^ self.delivered}"
        )
        self.counted["documents"] = views.judge(self.world)
        self.counted["accounts of rebates"] = self.rebates.judge(self.accounts.values())
        self.counted["targets measured"] = self.targets.judge(self.accounts.values())
        self.counted["deals decided"] = self.deals.decided
        self.counted |= self.funds.judge(self.accounts.values())
        self.counted["explanations"] = await answers.explained(self.world)
        self.counted["things that partners see"] = await answers.isolated(self.world)

    def _parked(self) -> None:
        for context in self.world.shelves:
            parked = views.shown(self.world, context, f"{context}.parked")
            never(bool(parked), f"{context} has parked {[*parked.values()][:1]}")

    def _acknowledged(self) -> None:
        for client in self.world.clients.values():
            commandid = cause_of(client.caller, f"k{client.ask.number}").commandid
            last = self.streams[client.ask.context].last_of(commandid)
            never(not (client.answers or client.refusals), f"{client.ask} has no answer")
            if client.answers and last:
                version = client.answers[-1]["version"]
                never(version not in last, f"{client.ask}: answered {version}, stored {last}")
            never(bool(last) and not client.answers, f"{client.ask}: refused and stored")
        self.counted["requests"] = len(self.world.clients)

    def _payments(self) -> None:
        """Whatever was recorded was received, or rejected, once (conservation of money)."""
        back = 0
        for payment_id, fact in self.receipts.items():
            payment = fact.data["payment"]
            account = self.accounts[payment["partner_id"]]
            received = account.payments.get(payment_id)
            never(payment_id in account.waiting, f"{payment_id} still waits")
            never(
                (received is None) != (payment_id in self.rejected),
                f"{payment} is neither received nor rejected, or both",
            )
            if received is not None:
                whole = payment["amount"]["amount"]
                never(str(received.whole) != whole, f"{payment} came as {received.whole}")
                back += received.back > 0
        every = sum(len(one.payments) for one in self.accounts.values())
        never(every != len(self.receipts) - len(self.rejected), f"{every} payments in accounts")
        self.counted |= {"payments": every, "of them refunded or reversed": back}

    def _reported(self) -> None:
        """Each claim is ours by now, or visibly rejected."""
        notes = [one.data for one in self.world.reported if one.topic == "ShipmentReported"]
        self.counted["delivery notes"] = self.goods.judge(notes)
        for report in self.world.reported:
            match report.topic, report.data:
                case "PaymentReported", data:
                    known = str(named(data["source_system"], data["document_no"])) in self.receipts
                case "LeadCaptured", data:
                    places = self.world.shelves["leads"].store.places
                    known = f"leads.lead-{data['capture_id']}" in places
                case _:
                    continue
            declined = sha256(written(report)).hexdigest() in self.declined
            never(not known and not declined, f"{report} left no trace")

    def _statuses(self) -> None:
        """Orders and their accounts agree, whoever came first."""
        for order_id, order in self.goods.orders.items():
            mine = self.accounts[order.partner].orders[order_id].state
            differ = order.state not in {"asked", mine}
            never(differ, f"{order_id}: {order.state}, but {mine} in its account")
        self.counted["orders"] = len(self.goods.orders)
        returned = [one for one in self.goods.orders.values() if one.returned]
        self.counted["orders with goods that came back"] = len(returned)

    def _bus(self) -> None:
        """What was published is on its topic, byte for byte, and nothing else is."""
        lying = self.world.bus.everything()
        for context, those in self.world.hosted.items():
            public = those[0].context.published
            facts = [one for one in views.own(self.world, context) if one.type in public]
            for topic in public:
                mine = {pack(one) for one in facts if one.type == topic}
                never(lying.get(topic, set()) != mine, f"{topic} and {context} differ")

    def figures(self) -> dict[str, int]:
        return self.counted
