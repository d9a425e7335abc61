"""Rules import-linter cannot say: each holds, and each finds a planted violation."""

from collections.abc import Callable, Iterator
from itertools import chain

import pytest

from tests.architecture import rules, texts
from tests.architecture.sources import Source, sources
from tests.architecture.sources import texts as text_files

Rule = Callable[[Source], Iterator[str]]

DOMAIN, POLICIES, TEST = (
    "services/leads/domain/lead.py",
    "services/leads/policies.py",
    "services/leads/tests/test_lead.py",
)
SLASH = "/"
DECISION = "## Context\n## Decision\n> Quote it.\n## Consequences\n## Alternatives\n"
MIRROR = ".".join(("files", "pythonhosted", "org"))

PLANTED: list[tuple[Rule, str, str]] = [
    (rules.files_stay_small, POLICIES, "\n" * 301),
    (rules.names_tell, "services/leads/domain/utils.py", ""),
    (rules.names_tell, "shared/common/money.py", ""),
    (rules.money_has_no_floats, DOMAIN, "RATE = 0.03"),
    (rules.money_has_no_floats, "shared/contracts/leads.py", "score: float"),
    (rules.money_has_no_floats, DOMAIN, "share = float(amount)"),
    (rules.nothing_is_caught_blindly, POLICIES, "try: f()\nexcept Exception: pass"),
    (rules.nothing_is_caught_blindly, POLICIES, "try: f()\nexcept: pass"),
    (rules.nothing_is_caught_blindly, POLICIES, "try: f()\nexcept (OSError, Exception): pass"),
    (rules.nothing_is_caught_blindly, POLICIES, "try: f()\nexcept Exception: raise OSError"),
    (rules.nothing_of_ours_is_mocked, TEST, "from unittest.mock import Mock"),
    (rules.nothing_of_ours_is_mocked, TEST, "from unittest import mock"),
    (rules.nothing_of_ours_is_mocked, TEST, "def test_it(mocker): pass"),
    (rules.nothing_of_ours_is_mocked, TEST, "monkeypatch.setattr(lead, 'decide', None)"),
    (rules.only_the_relay_publishes, POLICIES, "await self._bus.publish([record])"),
    (rules.only_the_relay_publishes, "shared/kernel/reactor.py", "await ports.bus.publish([])"),
    (rules.a_domain_speaks_only_its_own_language, DOMAIN, "import shared.contracts.orders"),
    (rules.a_domain_speaks_only_its_own_language, DOMAIN, "from shared.contracts import orders"),
    (rules.a_domain_speaks_only_its_own_language, DOMAIN, "from shared.kernel import handler"),
    (rules.a_domain_speaks_only_its_own_language, DOMAIN, "from time import monotonic"),
    (rules.a_domain_speaks_only_its_own_language, DOMAIN, "import numpy"),
    (rules.a_domain_speaks_only_its_own_language, DOMAIN, "from .. import projections"),
    (rules.refusals_have_slugs, DOMAIN, "raise Refused('Too late', 'ask again')"),
    (rules.refusals_have_slugs, DOMAIN, "raise NotFound('lead')"),
    (rules.refusals_have_slugs, DOMAIN, "raise Refused(f'lead-{status}')"),
    (texts.no_registry_is_named, "requirements.lock", f"--index-url https://{MIRROR}/simple"),
    (texts.no_machine_is_named, "Makefile", f"cd {SLASH}work/main"),
    (texts.no_machine_is_named, "README.md", f"`{SLASH}home/pat/qudao`"),
    (texts.a_decision_fits_a_page, "docs/adr/0099-more.md", "## Context\n> We decide.\n"),
    (texts.a_decision_fits_a_page, "docs/adr/0099-more.md", DECISION.replace("> ", "")),
    (texts.a_decision_fits_a_page, "docs/adr/0099-more.md", DECISION + "\n" * 60),
]

INNOCENT: list[tuple[Rule, str, str]] = [
    (rules.files_stay_small, POLICIES, "\n" * 300),
    (rules.money_has_no_floats, "services/leads/api.py", "SECONDS = 0.5"),
    (rules.nothing_is_caught_blindly, POLICIES, "try: f()\nexcept ValueError: pass"),
    (
        rules.nothing_is_caught_blindly,
        "shared/kernel/parking.py",
        "try: f()\nexcept Exception: g()",
    ),
    (rules.nothing_of_ours_is_mocked, TEST, "monkeypatch.setenv('QUDAO_DATA', folder)"),
    (rules.only_the_relay_publishes, "shared/kernel/outbox.py", "await self.bus.publish([])"),
    (rules.only_the_relay_publishes, "services/rebates/api.py", "programme.publish()"),
    (rules.a_domain_speaks_only_its_own_language, DOMAIN, "from shared.contracts import leads"),
    (
        rules.a_domain_speaks_only_its_own_language,
        DOMAIN,
        "from shared.kernel.errors import Refused",
    ),
    (rules.a_domain_speaks_only_its_own_language, DOMAIN, "from datetime import datetime"),
    (rules.refusals_have_slugs, DOMAIN, "raise Refused('lead-wrong-status', f'it is {status}')"),
    (texts.no_machine_is_named, "README.md", "GET /v1/home/partners"),
    (texts.a_decision_fits_a_page, "docs/adr/0099-more.md", DECISION),
]


@pytest.mark.parametrize("rule", rules.ALL)
def test_the_rule_holds(rule: Rule) -> None:
    assert list(chain.from_iterable(map(rule, sources()))) == []


@pytest.mark.parametrize("rule", texts.ALL)
def test_the_rule_holds_in_every_text(rule: Rule) -> None:
    assert list(chain.from_iterable(map(rule, text_files()))) == []


@pytest.mark.parametrize(("rule", "path", "text"), PLANTED)
def test_a_planted_violation_is_found(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Source(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), INNOCENT)
def test_what_is_allowed_is_not_found(rule: Rule, path: str, text: str) -> None:
    assert not list(rule(Source(path, text)))


def test_every_rule_has_a_planted_violation() -> None:
    assert {rule for rule, _, _ in PLANTED} == {*rules.ALL, *texts.ALL}
