"""Twelve invented dealers, all the way from CSV to rebates; and what is wrong with a row."""

from decimal import Decimal
from pathlib import Path

from shared.runtime.cli.reach import Platformed
from shared.runtime.importing.outcome import Count, Outcome
from tests.importing.beds import SAMPLE, imported, lines, operated, spoiled
from tests.importing.oracle import Expected, expected

NONE = {"partners": 0, "orders": 0, "payments": 0}
COLLECTED = {"amount": "535751.01", "currency": "USD"}
UNALLOCATED = {"amount": "812.40", "currency": "USD"}
STANDING = {"matched_exact": 31, "collected": COLLECTED, "unallocated": UNALLOCATED}


async def accounts(
    there: Platformed, programme: str
) -> dict[tuple[str, ...], tuple[Decimal, ...]]:
    """Volume and entitlement by partner, period and product line."""
    path = "/v1/rebates/accounts"
    return {
        (row["partner_id"], row["period"], row["partition"]): (
            Decimal(row["volume"]["amount"]),
            Decimal(row["entitlement"]["amount"]),
        )
        async for row in there.pages(path, programme=programme)
    }


def earned(known: Expected, method: str) -> dict[tuple[str, ...], tuple[Decimal, ...]]:
    return {
        account: (volume, known.entitlement(account, method))
        for account, volume in known.volumes.items()
    }


def told(outcome: Outcome) -> set[tuple[str, int, str, str, str]]:
    return {(*cell, slug) for cell, slug in outcome.faults}


async def test_the_sample_comes_to_what_was_computed_without_us(tmp_path: Path) -> None:
    known = expected(SAMPLE)
    async with operated(tmp_path) as there:
        shown = (await imported(there)).shown()
        assert (shown["read"], shown["accepted"], shown["repeated"]) == (89, 89, 0)
        assert (shown["refused"], shown["payments"]) == (NONE, STANDING)
        assert shown["facts"] > 89
        assert {
            "matched_exact": known.matched,
            "collected": {"amount": str(known.collected), "currency": "USD"},
            "unallocated": {"amount": str(known.unallocated), "currency": "USD"},
        } == STANDING
        assert await accounts(there, "cm-whole") == earned(known, "whole")
        assert await accounts(there, "cm-marginal") == earned(known, "marginal")


async def test_rows_become_facts_with_their_own_dates_and_words(tmp_path: Path) -> None:
    async with operated(tmp_path) as there:
        await imported(there)
        orders = {row["order_id"]: row async for row in there.pages("/v1/orders")}
        states = {
            f"cm-{number}": (status, day, shipped or None)
            for number, day, _, shipped, status, _, _ in lines("orders")[1:]
        }
        ours = {"Shipped": "shipped", "Resolved": "shipped", "Disputed": "shipped",
                "Cancelled": "cancelled", "On Hold": "held", "In Process": "approved"}  # fmt: skip
        assert {state for state, _, _ in states.values()} == ours.keys()
        for order_id, (state, day, shipped) in states.items():
            row = orders[order_id]
            assert (row["status"], row["ordered_on"]) == (ours[state], day)
            assert row["reasons"] == (["imported"] if state == "On Hold" else [])
            assert row["disputed"] == (state == "Disputed")
            assert row["shipped_on"] == shipped
        partner = await there.get("/v1/partners/cm-911")
        assert partner["regions"] == ["Norway"]
        assert partner["limit"] == {"amount": "26500.00", "currency": "USD"}


async def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    async with operated(tmp_path) as there:
        await imported(there)
        before = await there.get("/v1/facts")
        again = (await imported(there)).shown()
        assert (again["accepted"], again["repeated"], again["facts"]) == (0, 89, 0)
        assert (again["refused"], again["payments"]) == (NONE, STANDING)
        assert await there.get("/v1/facts") == before


async def test_a_row_that_changed_since_is_refused_and_the_rest_repeated(tmp_path: Path) -> None:
    number, check, day, _ = lines("payments")[4]
    async with operated(tmp_path) as there:
        await imported(there)
        again = await imported(
            there, spoiled(tmp_path, payments={5: f"{number},{check},{day},1.00"})
        )
        assert again.counts["payments"] == Count(36, 0, 35, 1)
        assert again.facts == 0
        assert told(again) == {("payments.csv", 5, "checkNumber", check, "idempotency-key-reused")}


PAYMENT, LINE = lines("payments")[9], lines("orderdetails")[9]
TWICE = lines("orderdetails")[4]
SPOILT = {
    "payments": {
        8: f"{lines('payments')[7][0]},{lines('payments')[7][1]},2004-13-45,NaN",
        0: "999,ZZ1,2004-05-05,5.00\n"
        ",,2004-05-05\n"
        f"{PAYMENT[0]},{PAYMENT[1]},2004-05-05,5.00\n"
        f"{','.join(PAYMENT)}\n"
        '901,"ZZ2,2004-05-05,5',
    },
    "orders": {
        0: "30001,2004-05-05,,,Lost,,901\n"
        "30002,2004-05-05,,,Shipped,,999\n"
        "30003,2004-05-05,,,Shipped,,901"
    },
    "orderdetails": {
        10: ",".join([*LINE[:2], "", "-1", LINE[4]]),
        0: f"77777,S10_9001,5,1.00,1\n88888,S99,5,1.00,1\n{','.join(TWICE)}",
    },
}
FAULTS = {
    ("payments.csv", 8, "paymentDate", "2004-13-45", "date-malformed"),
    ("payments.csv", 8, "amount", "NaN", "number-malformed"),
    ("payments.csv", 38, "customerNumber", "999", "partner-unknown"),
    ("payments.csv", 39, "", ",,2004-05-05", "row-ragged"),
    ("payments.csv", 40, "checkNumber", PAYMENT[1], "row-duplicate"),
    ("payments.csv", 42, "", '901,"ZZ2,2004-05-05,5', "row-malformed"),
    ("orders.csv", 43, "status", "Lost", "value-unmapped"),
    ("orders.csv", 44, "customerNumber", "999", "partner-unknown"),
    ("orders.csv", 45, "orderNumber", "30003", "line-missing"),
    ("orderdetails.csv", 10, "quantityOrdered", "", "cell-blank"),
    ("orderdetails.csv", 10, "priceEach", "-1", "number-negative"),
    ("orderdetails.csv", 99, "orderNumber", "77777", "order-missing"),
    ("orderdetails.csv", 100, "productCode", "S99", "product-unknown"),
    ("orderdetails.csv", 5, "orderLineNumber", TWICE[4], "line-duplicate"),
    ("orderdetails.csv", 101, "orderLineNumber", TWICE[4], "line-duplicate"),
}


async def test_a_broken_row_is_refused_cell_by_cell_and_all_others_go_in(tmp_path: Path) -> None:
    async with operated(tmp_path) as there:
        outcome = await imported(there, spoiled(tmp_path, **SPOILT))
        assert told(outcome) == FAULTS
        assert outcome.counts == {
            "partners": Count(12, 12, 0, 0),
            "orders": Count(46, 39, 0, 7),
            "payments": Count(41, 35, 1, 5),
        }
        assert (await there.settle())["waiting"] == 0


async def test_what_was_refused_goes_in_once_it_is_mended(tmp_path: Path) -> None:
    """With the dealer come its orders and its payments, and the sums are those of one run."""
    broken = lines("customers")[2]
    bad = spoiled(tmp_path, customers={3: ",".join([*broken[:12], "n/a"])})
    async with operated(tmp_path) as there:
        first = await imported(there, bad)
        assert first.counts["partners"].refused == 1
        slugs = {(cell.column, cell.value, slug) for cell, slug in first.faults}
        assert slugs == {
            ("creditLimit", "n/a", "number-malformed"),
            ("customerNumber", broken[0], "partner-unknown"),
        }
        second = await imported(there)
        assert second.faults == []
        assert second.sum("accepted") == first.sum("refused")
        assert second.shown()["payments"] == STANDING
        assert await accounts(there, "cm-whole") == earned(expected(SAMPLE), "whole")


async def test_a_dealer_who_is_known_already_is_a_repeat_if_nothing_differs(
    tmp_path: Path,
) -> None:
    sweden = {"partner_id": "cm-901", "type": "distributor", "level": "standard",
              "regions": ["Sweden"], "industries": [], "product_lines": []}  # fmt: skip
    async with operated(tmp_path) as there:
        await there.post("/v1/partners", sweden, key="by-hand-1")
        await there.post(
            "/v1/partners", sweden | {"partner_id": "cm-902", "level": "gold"}, key="by-hand-2"
        )
        outcome = await imported(there)
        assert outcome.counts["partners"] == Count(12, 11, 0, 1)
        assert told(outcome) == {("customers.csv", 3, "customerNumber", "902", "partner-exists")}
        assert outcome.counts["orders"].refused == 0
