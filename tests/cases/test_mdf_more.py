"""Market funds, continued: M-05, M-06 and M-07."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from shared.contracts.event import Envelope, Event
from shared.contracts.ids import named
from shared.contracts.leads import LeadRegistered, OpportunityOpened, OpportunityWon
from shared.contracts.money import Money
from shared.kernel.codec import encode, pack
from shared.kernel.ports import Record
from shared.testing.platform import Bed
from tests.cases.mdf import (
    JPEG,
    allocate,
    approve,
    balance,
    check,
    claim,
    cny,
    pay,
    submit,
    upload,
)

AT = datetime.fromisoformat("2026-01-10T10:00:00+08:00")


async def told(bed: Bed, *facts: Event) -> None:
    """As leads publishes them."""
    for number, fact in enumerate(facts):
        id_ = named(type(fact).__name__, encode(fact))
        envelope = Envelope(
            id=id_,
            source="/leads",
            type=type(fact).__name__,
            subject=f"leads.told-{number}",
            time=AT,
            dataschema=f"qudao:/schemas/{fact.schema_name()}",
            sequence=1,
            partitionkey="p1",
            correlationid=id_,
            causationid=None,
            commandid=id_,
            actor="test",
            occurredat=AT,
            data=encode(fact),
        )
        record = Record(type(fact).__name__, "p1", pack(envelope))
        await bed.platform.bus.publish([record])
    await bed.settle()


def lead(number: int, campaign: str = "a", at: datetime = AT) -> LeadRegistered:
    return LeadRegistered(
        lead_id=f"{campaign}-lead-{number}",
        customer_id=f"c{number}",
        source="campaign",
        region="east",
        industry="pumps",
        captured_at=at,
        campaign=campaign,
    )


def opened(number: int, **more: Any) -> OpportunityOpened:
    head = {"opportunity_id": f"o{number}", "customer_id": f"c{number}", "region": "east"}
    told: dict[str, Any] = head | {"amount": Money(Decimal(70_000), "CNY"), "created_at": AT}
    return OpportunityOpened(**told | more)


def won(number: int, **more: Any) -> OpportunityWon:
    head = {"opportunity_id": f"o{number}", "customer_id": f"c{number}", "region": "east"}
    told: dict[str, Any] = head | {"amount": Money(Decimal(70_000), "CNY"), "created_at": AT}
    told["reason"] = "price"
    return OpportunityWon(**told | {"margin": Decimal("0.3"), "won_on": AT.date()} | more)


async def spent(bed: Bed) -> None:
    await allocate(bed)
    await submit(bed, "a", "30000")
    await approve(bed, "a")
    await claim(bed, "a-1", "a", "25000")
    await check(bed, "a-1", "25000")
    await pay(bed, "a-1")


@pytest.mark.case("M-05")
async def test_the_return_on_an_activity(case: Bed) -> None:
    """25,000 spent: 40 leads, 8 opportunities, 3 won for 210,000 at 30 %: ROI 152 %."""
    await spent(case)
    await told(case, *(won(n) for n in range(3)), *(opened(n) for n in range(8)))
    await told(case, *(lead(n) for n in range(40)))
    roi = await case.get("/v1/mdf/requests/a/roi")
    assert (roi["spend"], roi["leads"]) == (cny("25000.00"), 40)
    assert (roi["opportunities"], roi["won"]) == ("8", "3")
    assert (roi["revenue"], roi["margin"]) == (cny("210000.00"), cny("63000.00"))
    assert roi["cost_per_lead"] == cny("625.00")
    assert (roi["lead_to_opportunity"], roi["opportunity_to_won"]) == ("0.2", "0.375")
    assert (roi["revenue_multiple"], roi["margin_roi"]) == ("8.4", "1.52")


@pytest.mark.case("M-05")
async def test_another_model_or_window_counts_the_same_touches_again(case: Bed) -> None:
    """Two campaigns touched a customer: first, last and linear share its opportunity."""
    await spent(case)
    early = datetime.fromisoformat("2025-12-01T10:00:00+08:00")
    await told(case, lead(1), lead(1, "b", early), opened(1), won(1))
    for model, part, revenue in (
        ("last", "1", "70000.00"),
        ("first", "0", "0.00"),
        ("linear", "0.5", "35000.00"),
    ):
        roi = await case.get(f"/v1/mdf/requests/a/roi?model={model}")
        assert (roi["won"], roi["revenue"]) == (part, cny(revenue))
    roi = await case.get("/v1/mdf/requests/a/roi?model=first&window=39")
    assert roi["won"] == "1"


@pytest.mark.case("M-05")
async def test_nothing_by_nothing_is_null(case: Bed) -> None:
    """Before anything is paid or heard of, a ratio is null and not 0."""
    await allocate(case)
    await submit(case, "a", "30000")
    roi = await case.get("/v1/mdf/requests/a/roi")
    names = ("cost_per_lead", "lead_to_opportunity", "opportunity_to_won", "margin_roi")
    assert [roi[name] for name in names] == [None] * 4


def order(order_id: str, price: str) -> dict[str, Any]:
    line = {"line": 1, "sku": "s", "product_line": "A", "quantity": "1", "unit_price": cny(price)}
    head = {"order_id": order_id, "partner_id": "p1", "region": "east", "currency": "CNY"}
    return head | {"lines": [line]}


async def collected(bed: Bed, order_id: str, price: str) -> None:
    await bed.post("/v1/orders", order(order_id, price), expect=201)
    await bed.settle()
    payment = {"source_system": "bank", "document_no": f"d-{order_id}", "partner_id": "p1"}
    paid = payment | {"order_id": order_id, "amount": cny(price), "paid_on": "2025-11-05"}
    await bed.post("/v1/payments", paid, role="finance", expect=201)
    await bed.settle()


@pytest.mark.case("M-06", at="2025-11-05T09:00:00+08:00")
async def test_a_fund_accrues_with_what_is_collected(case: Bed) -> None:
    """2 % of 1,250,000 collected is 25,000 for the next half; 50,000 less are 1,000 less."""
    await case.post("/v1/partners", {"partner_id": "p1", "type": "agent", "level": "gold"})
    limit = {"limit": cny("9000000")}
    await case.post("/v1/partners/p1/credit-limit", limit, role="finance")
    accrual = {"rate": "0.02", "half": "2025H2", "minimum": cny("1000")}
    body = {"fund_id": "q1", "partner_id": "p1", "accrual": accrual}
    fund = await case.post("/v1/mdf/funds", body, expect=201)
    assert (fund["starts_on"], fund["ends_on"]) == ("2026-01-01", "2026-06-30")
    for number, price in enumerate(("400000", "400000", "400000", "50000")):
        await collected(case, f"o{number}", price)
    assert (await balance(case))[:2] == ("25000", "25000")
    await submit(case, "a", "25000")
    await approve(case, "a")
    await claim(case, "a-1", "a", "25000")
    await check(case, "a-1", "20000")
    paid = await case.get("/v1/payments?limit=1", role="finance")
    back = {"amount": cny("50000"), "reason": "returned"}
    payment_id = paid["items"][0]["payment_id"]
    await case.post(f"/v1/payments/{payment_id}/refund", back, role="finance")
    await case.settle()
    assert (await balance(case))[:3] == ("24000", "-1000", "25000")
    refused = await submit(case, "b", "1", expect=409)
    assert refused["slug"] == "fund-insufficient"
    await pay(case, "a-1")
    assert (await balance(case))[1] == "-1000"


@pytest.mark.case("M-06", at="2025-11-05T09:00:00+08:00")
async def test_below_the_minimum_it_is_an_ordinary_rebate(case: Bed) -> None:
    """Less than the minimum at the cut-off of the half year: nothing is left to ask for."""
    await case.post("/v1/partners", {"partner_id": "p1", "type": "agent", "level": "gold"})
    limit = {"limit": cny("900000")}
    await case.post("/v1/partners/p1/credit-limit", limit, role="finance")
    await collected(case, "o1", "40000")
    accrual = {"rate": "0.02", "half": "2025H2", "minimum": cny("1000")}
    body = {"fund_id": "q1", "partner_id": "p1", "accrual": accrual}
    await case.post("/v1/mdf/funds", body, expect=201)
    await case.settle()
    assert (await balance(case))[0] == "800"
    await case.advance("2026-01-10T23:59:59+08:00")
    assert (await balance(case))[0] == "800"
    await case.advance("2026-01-11T00:00:00+08:00")
    fund = await case.get("/v1/mdf/funds/q1")
    assert (fund["ended"], fund["expired"]) == ("below-minimum", cny("800.00"))
    enough = accrual | {"minimum": cny("800")}  # begun after the cut-off, it is decided at once
    await case.post("/v1/mdf/funds", body | {"fund_id": "q2", "accrual": enough}, expect=201)
    await case.post("/v1/mdf/funds", body | {"fund_id": "q3"}, expect=201)
    await case.settle()
    await case.advance("2026-01-11T00:00:01+08:00")
    assert (await balance(case, "q2"))[1] == "800"
    assert (await balance(case, "q3"))[1] == "0"


@pytest.mark.case("M-07")
async def test_the_same_invoice_in_a_second_claim_is_held(case: Bed) -> None:
    """Whatever its spelling and whoever shows it, with a link to the first for staff only."""
    await allocate(case)
    for partner in ("p1", "p2"):
        await submit(case, f"of-{partner}", "10000", partner_id=partner)
        await approve(case, f"of-{partner}")
    first = {"number": "NO-0042 7", "seller_tax_id": "91310000x"}
    await claim(case, "first", "of-p1", "5000", invoices=[first])
    again = {"number": "no00427", "seller_tax_id": "９１３１００００X"}
    await claim(case, "second", "of-p2", "5000", partner="p2", invoices=[again])
    held = await case.get("/v1/mdf/claims/second", role="marketing")
    assert held["status"] == "held"
    assert held["holds"][0]["first"]["claim_id"] == "first"
    seen = await case.get("/v1/mdf/claims/second", partner="p2")
    assert (seen["status"], seen["holds"][0]["first"]) == ("held", None)
    assert "p1" not in str(seen)
    lines = {"lines": [{"line": 1, "eligible": cny("5000")}]}
    refused = await case.post("/v1/mdf/claims/second/check", lines, expect=409)
    assert refused["slug"] == "claim-held"
    await case.post("/v1/mdf/claims/second/approval", expect=409)
    assert (await case.get("/v1/mdf/claims/first"))["status"] == "checking"
    await case.post("/v1/mdf/claims/second/release", {"reason": "two halves of one invoice"})
    assert (await check(case, "second", "5000"))["status"] == "approved"


@pytest.mark.case("M-07")
async def test_the_same_photo_in_a_second_claim_is_held(case: Bed) -> None:
    """By its content; a request may show it again after its own claim was rejected (m8)."""
    await allocate(case)
    for request in ("a", "b"):
        await submit(case, request, "10000")
        await approve(case, request)
        shown = await upload(case, request, JPEG + b"a full hall")
        assert shown["media"] == "image/jpeg"
    await claim(case, "a-1", "a", "5000")
    await claim(case, "b-1", "b", "5000")
    held = await case.get("/v1/mdf/claims/b-1", partner="p1")
    assert (held["status"], held["holds"][0]["first"]["claim_id"]) == ("held", "a-1")
    await case.post("/v1/mdf/claims/a-1/rejection", {"reason": "no invoice"})
    await case.settle()
    await claim(case, "b-2", "b", "5000")
    assert (await case.get("/v1/mdf/claims/b-2"))["status"] == "held"
    await claim(case, "a-2", "a", "5000")
    assert (await case.get("/v1/mdf/claims/a-2"))["status"] == "checking"


@pytest.mark.case("M-07")
async def test_a_claim_is_complete_with_the_evidence_of_its_template(case: Bed) -> None:
    """Photo ≥ 2 and an invoice; and only a picture or a PDF is evidence."""
    needed = [{"kind": "photo", "count": 2}, {"kind": "invoice"}]
    template = {"template_id": "fair", "version": 1, "requirements": needed}
    await case.post("/v1/mdf/templates", template, role="marketing", expect=201)
    await allocate(case)
    await submit(case, "a", "10000", template_id="fair")
    await approve(case, "a")
    refused = await upload(case, "a", b"<script>", expect=422)
    assert refused["slug"] == "evidence-unreadable"
    for _ in range(2):  # the same photo twice is one photo
        await upload(case, "a", JPEG + b"one")
    refused = await claim(case, "a-1", "a", "5000", expect=409)
    assert refused["slug"] == "claim-incomplete"
    assert refused["detail"] == "the checklist misses photo: 1 of 2, invoice: 0 of 1"
    await upload(case, "a", JPEG + b"two")
    invoice = {"number": "1", "seller_tax_id": "x"}
    filed = await claim(case, "a-1", "a", "5000", invoices=[invoice])
    assert len(filed["evidence"]) == 2
