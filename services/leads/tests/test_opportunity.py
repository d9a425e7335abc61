"""L-08: stages with evidence, warnings once a visit, won and lost."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given as each
from hypothesis import strategies as st

from services.leads.domain.pipeline.commands import (
    Beginning,
    Estimate,
    GiveEvidence,
    GiveFeedback,
    LoseOpportunity,
    MoveStage,
    OpenOpportunity,
    OpportunityCommand,
    PublishStageModel,
    ReopenOpportunity,
    WarnOfStall,
    WinOpportunity,
)
from services.leads.domain.pipeline.events import (
    EvidenceGiven,
    FeedbackGiven,
    OpportunityEvent,
    Stage,
    StageEntered,
    StageModelPublished,
    StagesAdopted,
)
from services.leads.domain.pipeline.opportunity import OPPORTUNITY
from services.leads.domain.pipeline.pursued import Opportunity, Pursued
from services.leads.domain.pipeline.stage_model import BUILT_IN, STAGE_MODEL
from shared.contracts.leads import (
    OpportunityLost,
    OpportunityOpened,
    OpportunityStageChanged,
    OpportunityStallCleared,
    OpportunityStalled,
    OpportunityWon,
    RuleVersion,
)
from shared.contracts.money import Money
from shared.kernel.errors import Refused
from shared.testing.given import Given

given = Given(OPPORTUNITY)
NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
STAGES = BUILT_IN.stages
NAMES = [one.stage for one in STAGES]
AMOUNT = Money(Decimal("100000.00"), "CNY")
OPEN = OpenOpportunity(
    opportunity_id="o-1",
    customer_id="c-1",
    partner_id="P1",
    region="east",
    amount=AMOUNT,
    owner="ann",
    found=Beginning(model=RuleVersion(id="standard", version=0), stages=STAGES),
    at=NOW,
)
OPENED = OpportunityOpened(
    opportunity_id="o-1",
    customer_id="c-1",
    partner_id="P1",
    region="east",
    amount=AMOUNT,
    created_at=NOW,
)
ADOPTED = StagesAdopted(
    opportunity_id="o-1",
    owner="ann",
    model=RuleVersion(id="standard", version=0),
    stages=STAGES,
)


def entered(n: int, visit: int, at: datetime = NOW, reason: str = "") -> StageEntered:
    return StageEntered(
        opportunity_id="o-1",
        stage=NAMES[n],
        visit=visit,
        entered_at=at,
        yellow_at=at + timedelta(days=7),
        escalation_at=at + timedelta(days=15),
        reason=reason,
    )


def changed(  # noqa: PLR0913
    before: int | None,
    to: int,
    revision: int,
    *,
    category: str = "",
    probability: str = "",
    amount: Money = AMOUNT,
) -> OpportunityStageChanged:
    return OpportunityStageChanged(
        opportunity_id="o-1",
        customer_id="c-1",
        partner_id="P1",
        region="east",
        from_stage=None if before is None else NAMES[before],
        stage=NAMES[to],
        category=category or STAGES[to].category,
        probability=Decimal(probability) if probability else STAGES[to].probability,
        amount=amount,
        revision=revision,
    )


def stalled(level: str, stage: int = 0, visit: int = 1) -> OpportunityStalled:
    return OpportunityStalled(
        opportunity_id="o-1",
        customer_id="c-1",
        partner_id="P1",
        owner="ann",
        stage=NAMES[stage],
        visit=visit,
        entered_at=NOW,
        level=level,
    )


def cleared(*levels: str, visit: int = 1) -> OpportunityStallCleared:
    return OpportunityStallCleared(
        opportunity_id="o-1", customer_id="c-1", partner_id="P1", visit=visit, levels=levels
    )


BEGUN: tuple[OpportunityEvent, ...] = (OPENED, ADOPTED, entered(0, 1), changed(None, 0, 1))
MINUTES = EvidenceGiven(opportunity_id="o-1", kind="会议纪要")
HEARD = FeedbackGiven(opportunity_id="o-1", customer_id="c-1", visit=1, given_at=NOW)


def move(n: int, reason: str = "") -> MoveStage:
    return MoveStage(stage=NAMES[n], reason=reason, at=NOW)


def warn(level: str, days: int) -> WarnOfStall:
    return WarnOfStall(level=level, at=NOW + timedelta(days=days))


def test_it_begins_in_the_first_stage_with_revision_1() -> None:
    given().when(OPEN).then(*BEGUN)
    given(*BEGUN).when(OPEN).refused("opportunity-exists")


def test_one_stage_forward_with_its_evidence() -> None:
    given(*BEGUN).when(move(1)).refused("evidence-missing")
    given(*BEGUN, MINUTES).when(move(1)).then(entered(1, 2), changed(0, 1, 2))
    given(*BEGUN, MINUTES).when(move(2)).refused("stage-skipped")
    given(*BEGUN).when(move(0)).refused("stage-same")
    unknown = MoveStage(stage="签约", at=NOW)
    given(*BEGUN).when(unknown).refused("stage-unknown")


def test_back_with_a_reason_and_without_evidence() -> None:
    later = (*BEGUN, MINUTES, entered(1, 2), changed(0, 1, 2))
    given(*later).when(move(0)).refused("stage-unexplained")
    given(*later).when(move(0, "重来")).then(entered(0, 3, reason="重来"), changed(1, 0, 3))


def test_yellow_and_escalation_come_once_a_visit() -> None:
    given(*BEGUN).when(warn("yellow", 6)).then()
    given(*BEGUN).when(warn("yellow", 7)).then(stalled("yellow"))
    given(*BEGUN, stalled("yellow")).when(warn("yellow", 8)).then()
    given(*BEGUN, HEARD).when(warn("yellow", 7)).then()
    given(*BEGUN, HEARD).when(warn("escalation", 15)).then(stalled("escalation"))
    given(*BEGUN, stalled("escalation")).when(warn("escalation", 16)).then()
    again = (*BEGUN, MINUTES, stalled("yellow"), HEARD, entered(1, 2), changed(0, 1, 2))
    given(*again).when(warn("yellow", 7)).then(stalled("yellow", 1, 2))


def test_what_was_told_of_a_visit_ends_with_feedback_another_stage_or_an_end() -> None:
    """Feedback ends yellow alone (ruling l8), and once; what nobody was told of does not end."""
    feedback = GiveFeedback(at=NOW)
    given(*BEGUN).when(feedback).then(HEARD)
    yellow = *BEGUN, MINUTES, stalled("yellow")
    given(*yellow).when(feedback).then(HEARD, cleared("yellow"))
    given(*yellow, HEARD, cleared("yellow")).when(feedback).then(HEARD)
    given(*yellow).when(move(1)).then(entered(1, 2), changed(0, 1, 2), cleared("yellow"))
    both = *yellow, stalled("escalation")
    given(*both).when(feedback).then(HEARD, cleared("yellow"))
    given(*both, HEARD).when(move(1)).then(entered(1, 2), changed(0, 1, 2), cleared("escalation"))
    *_, last = OPPORTUNITY.decide(LoseOpportunity(reason="price", at=NOW), OPPORTUNITY.fold(both))
    assert last == cleared("yellow", "escalation")
    *_, last = OPPORTUNITY.decide(WinOpportunity(reason="won", at=NOW), OPPORTUNITY.fold(both))
    assert last == cleared("yellow", "escalation")


def test_a_model_may_be_without_warnings() -> None:
    quiet = Stage(
        stage="only",
        category="commit",
        probability=Decimal(1),
        yellow_days=None,
        escalation_days=None,
    )
    published = StageModelPublished(model_id="short", version=1, stages=(quiet,))
    command = PublishStageModel(model_id="short", stages=(quiet,), at=NOW)
    Given(STAGE_MODEL)().when(command).then(published)
    twice = PublishStageModel(model_id="short", stages=(quiet, quiet), at=NOW)
    Given(STAGE_MODEL)().when(twice).refused("stage-repeated")


def test_won_and_lost_are_told_with_the_last_revision() -> None:
    final = Money(Decimal("90000.00"), "CNY")
    won = WinOpportunity(reason="best offer", amount=final, margin=Decimal("0.30"), at=NOW)
    told = OpportunityWon(
        opportunity_id="o-1",
        customer_id="c-1",
        partner_id="P1",
        region="east",
        amount=final,
        margin=Decimal("0.30"),
        created_at=NOW,
        won_on=date(2026, 1, 5),
        reason="best offer",
    )
    closed = changed(0, 0, 2, category="closed", probability="1", amount=final)
    given(*BEGUN).when(won).then(closed, told)
    lost = LoseOpportunity(reason="price", lost_on=date(2026, 1, 4), at=NOW)
    gone = OpportunityLost(
        opportunity_id="o-1",
        customer_id="c-1",
        partner_id="P1",
        region="east",
        amount=AMOUNT,
        lost_on=date(2026, 1, 4),
        reason="price",
    )
    omitted = changed(0, 0, 2, category="omitted", probability="0")
    given(*BEGUN).when(lost).then(omitted, gone)
    given(*BEGUN, omitted, gone).when(won).refused("opportunity-closed")
    given(*BEGUN, omitted, gone).when(warn("yellow", 7)).then()
    reopen = ReopenOpportunity(reason="new budget", at=NOW)
    given(*BEGUN, omitted, gone).when(reopen).then(
        entered(0, 2, reason="new budget"), changed(0, 0, 3)
    )
    given(*BEGUN).when(reopen).refused("opportunity-open")


def test_an_estimate_that_changes_nothing_is_not_told() -> None:
    given(*BEGUN).when(Estimate(amount=AMOUNT, at=NOW)).then()
    commit = Estimate(category="commit", at=NOW)
    given(*BEGUN).when(commit).then(changed(0, 0, 2, category="commit"))


COMMANDS = st.lists(
    st.one_of(
        st.builds(move, st.integers(0, 3), st.sampled_from(["", "why"])),
        st.sampled_from(["会议纪要", "技术协议草稿"]).map(lambda k: GiveEvidence(kind=k, at=NOW)),
        st.builds(warn, st.sampled_from(["yellow", "escalation"]), st.integers(1, 20)),
        st.just(GiveFeedback(at=NOW)),
        st.just(WinOpportunity(reason="won", at=NOW)),
        st.just(ReopenOpportunity(reason="again", at=NOW)),
        st.sampled_from(["commit", "omitted"]).map(lambda c: Estimate(category=c, at=NOW)),
    ),
    max_size=40,
)


@each(COMMANDS)
def test_no_stage_without_its_evidence_and_no_warning_twice(
    commands: list[OpportunityCommand],
) -> None:
    """Revisions count 1, 2, …; a stage is entered by one step; each warning once a visit."""
    facts: list[OpportunityEvent] = list(BEGUN)
    for command in commands:
        state: Opportunity = OPPORTUNITY.fold(facts)
        assert isinstance(state, Pursued)
        try:
            decided = OPPORTUNITY.decide(command, state)
        except Refused:
            continue
        for fact in decided:
            if isinstance(fact, StageEntered) and state.status == "open":
                step = NAMES.index(fact.stage) - NAMES.index(state.now.stage)
                assert step == 1 or (step < 0 and fact.reason)
                assert step < 0 or set(STAGES[state.place + 1].requires) <= state.evidence
        facts += decided
    told = [one for one in facts if isinstance(one, OpportunityStageChanged)]
    assert [one.revision for one in told] == [*range(1, len(told) + 1)]
    warned = [(one.visit, one.level) for one in facts if isinstance(one, OpportunityStalled)]
    assert len(set(warned)) == len(warned)
    over = [
        (o.visit, n) for o in facts if isinstance(o, OpportunityStallCleared) for n in o.levels
    ]
    assert len(set(over)) == len(over)
    assert {*over} <= {*warned}
