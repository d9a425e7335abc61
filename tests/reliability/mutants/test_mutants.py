"""The planted bugs are still bugs of this code, and each still names a test that is there."""

import ast
from pathlib import Path

import pytest

from tests.reliability.mutants import report
from tests.reliability.mutants.planted import ROOT, Mutant, mutants
from tests.reliability.tally import Tally

FEW = ("tier-boundary-exclusive", "rejection-instead-of-waiting", "two-commands-from-one-fact")
EVERY = mutants()
HARMLESS = """Breaks: nothing
Caught-by: services/rebates/tests/test_cases.py::test_x02_settling_twice_pays_once

--- a/services/rebates/domain/terms.py
+++ b/services/rebates/domain/terms.py
@@ -1 +1 @@
-"""


def test_there_are_twenty_at_least() -> None:
    assert len({one.breaks for one in EVERY}) == len(EVERY) >= 20


@pytest.mark.parametrize("mutant", EVERY, ids=lambda one: one.name)
def test_each_patch_fits_the_tree_and_its_test_is_there(mutant: Mutant) -> None:
    assert mutant.applies() == ""
    assert all((ROOT / path).is_file() for path in mutant.touches)
    path, *names = mutant.caught_by.partition("[")[0].split("::")
    scope: ast.Module | ast.ClassDef = ast.parse((ROOT / path).read_text())
    *classes, test = names
    for name in classes:
        scope = next(
            one for one in scope.body if isinstance(one, ast.ClassDef) and one.name == name
        )
    inherited = isinstance(scope, ast.ClassDef) and bool(scope.bases)
    assert inherited or f"def {test}(" in ast.unparse(scope)


def test_the_page_has_a_row_for_each_and_none_was_missed() -> None:
    """Its verdicts are of the last `python -m tests.reliability.mutants`."""
    rows = [row.split(" | ") for row in report.rows(report.PLANTED)]
    shown = {
        row[0].removeprefix("| "): (row[1], row[3], row[4].removesuffix(" |")) for row in rows
    }
    assert shown == {one.name: (one.breaks, f"`{one.caught_by}`", "caught") for one in EVERY}


def test_a_suite_is_a_row_with_its_n_beside_its_zeros() -> None:
    counts = {"tried": {"kills": 50}, "seen": {"facts": 1_200}, "never": {"lost": 0}}
    (row,) = report.suites([{"row": "A1", "what": "killed", "tier": "commit", **counts}])
    assert row == "| A1 | killed | commit | 50 kills | 1,200 facts | 0 lost |"


def test_a_suite_that_was_not_run_stays_and_one_that_was_is_replaced() -> None:
    row, counts = (
        "| {} | killed | {} | {} kills | – | 0 lost |",
        {"seen": {}, "never": {"lost": 0}},
    )
    told = {"row": "A2", "what": "killed", "tier": "commit", "tried": {"kills": 50}} | counts
    kept = [
        row.format("A10", "commit", 3),
        row.format("A2", "commit", 7),
        row.format("A2", "long", 9),
    ]
    assert report.beside(kept, [told]) == [row.format("A2", "commit", 50), kept[2], kept[0]]


@pytest.mark.slow
@pytest.mark.reliability
@pytest.mark.timeout(600)
def test_a_few_are_caught_and_what_is_no_bug_is_not(tmp_path: Path, tally: Tally) -> None:
    """`python -m tests.reliability.mutants` tries all of them."""
    few = [one for one in EVERY if one.name in FEW]
    missed = [one.name for one in few if one.verdict()[0] == "missed"]
    terms = (ROOT / "services/rebates/domain/terms.py").read_text().splitlines()[0]
    patch = tmp_path / "harmless.patch"
    patch.write_text(f'{HARMLESS}{terms}\n+{terms[:-3]} """\n')
    assert Mutant.of(patch).verdict()[0] == "missed"
    tally("MUT planted bugs, a few of all", {"bugs": len(few)}, never={"bugs missed": missed})
