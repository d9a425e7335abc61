"""Rules as data: published by staff, in force for every fact from then on."""

from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field, StringConstraints, model_validator

from services.notifications.domain.catalogue_promised import PROMISED
from services.notifications.domain.commands import PublishRule
from services.notifications.domain.rule import OLDEST, Condition, Rule, Wording
from services.notifications.domain.rulebook import RULES, Facts, checked
from shared.contracts.ids import Id
from shared.kernel.codec import document
from shared.kernel.ports import Document
from shared.runtime.context import Service
from shared.runtime.http import STAFF, Body, By, Text, allow, answered

Recipient = Annotated[
    str,
    StringConstraints(
        pattern=r"^(partner:\{partner_id\}|asked"
        r"|role:(sales|manager|marketing|finance|director|operations|auditor))$"
    ),
]
Superior = Annotated[
    str, StringConstraints(pattern=r"^role:(sales|manager|marketing|finance|director|operations)$")
]
Long = Annotated[str, StringConstraints(min_length=1, max_length=2_000)]
Number = Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,6})?$")]
Few = Field(min_length=1, max_length=20)


class Words(Body):
    zh: Long
    en: Long

    def wording(self) -> Wording:
        return Wording(zh=self.zh, en=self.en)


class Where(Body):
    """One of `among`; or a number `below`, `above`, or between both; or `present` or not."""

    field: Text
    among: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    below: Number | None = None
    above: Number | None = None
    present: bool | None = None

    @model_validator(mode="after")
    def _either(self) -> "Where":
        bounded = self.below is not None or self.above is not None
        if [bool(self.among), bounded, self.present is not None].count(True) != 1:
            raise ValueError("among, or below and above, or present")
        return self

    def condition(self) -> Condition:
        return Condition(
            field=self.field,
            among=self.among,
            below=self.below,
            above=self.above,
            present=self.present,
        )


class RuleBody(Body):
    """`{field}` in subject, episode, title and body stands for a field of the fact `on`; the
    recipient `asked` is every role on the fact's route of approval.
    """

    rule_id: Id
    on: Text
    where: Annotated[tuple[Where, ...], Field(max_length=20)] = ()
    closed_by: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    subject: Text
    episode: Text | None = None
    recipients: Annotated[tuple[Recipient, ...], Few]
    channels: Annotated[tuple[Literal["inbox", "log", "endpoints"], ...], Few] = (
        "inbox",
        "log",
        "endpoints",
    )
    severity: Literal["info", "warning", "critical"] = "info"
    title: Words
    body: Words
    max_age_days: Annotated[int, Field(ge=0, le=OLDEST)] = 31
    enabled: bool = True
    critical_where: Annotated[tuple[Where, ...], Field(max_length=20)] = ()
    ladder: Annotated[tuple[Superior, ...], Field(max_length=5)] = ()

    def rule(self) -> Rule:
        """A recipient or channel that is named twice is told once."""
        return Rule(
            rule_id=self.rule_id,
            on=self.on,
            where=tuple(each.condition() for each in self.where),
            closed_by=self.closed_by,
            subject=self.subject,
            episode=self.episode,
            recipients=tuple(dict.fromkeys(self.recipients)),
            channels=tuple(dict.fromkeys(self.channels)),
            severity=self.severity,
            title=self.title.wording(),
            body=self.body.wording(),
            max_age_days=self.max_age_days,
            enabled=self.enabled,
            critical_where=tuple(each.condition() for each in self.critical_where),
            ladder=tuple(o for o in dict.fromkeys(self.ladder) if o not in self.recipients),
        )


def add(router: APIRouter, service: Service, facts: Facts) -> None:
    @router.post(
        "/notification-rules",
        status_code=201,
        dependencies=[allow("manager", "operations", "director")],
    )
    async def publish(body: RuleBody, by: By, response: Response) -> Document:
        command = PublishRule(rule=checked(body.rule(), facts), at=service.clock())
        done = await service.handle(RULES, command, by)
        found = await service.read.fold(RULES)
        told = {"rule_id": body.rule_id, "rule_version": found[body.rule_id].version}
        return answered(response, "notifications", done, **told)

    @router.get("/notification-rules", dependencies=[allow(*STAFF)])
    async def rules() -> Document:
        """All rules in force; the facts with their fields that rules may be about; what users were
        promised to be told, and by which rules they are.
        """
        found = await service.read.fold(RULES)
        items = [document(rule) for _, rule in sorted(found.items())]
        known = {fact: sorted(fields) for fact, fields in sorted(facts.items())}
        promised = document(PROMISED)
        return {"items": items, "cursor": None, "facts": known, "promised": promised}
