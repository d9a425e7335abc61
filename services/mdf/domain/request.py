"""A request's file: what is asked for, as long as it is a draft, and the evidence of doing it."""

from dataclasses import dataclass, replace

from services.mdf.domain.commands import AttachEvidence, DraftRequest, RequestCommand
from services.mdf.domain.documents import File
from services.mdf.domain.events import EvidenceAttached, RequestDrafted, RequestEvent
from shared.kernel.decider import Decider, corrupt
from shared.kernel.errors import NotFound, Refused


@dataclass(frozen=True, slots=True)
class Absent: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    asked: RequestDrafted
    files: tuple[File, ...] = ()

    def file(self, sha256: str) -> File:
        for one in self.files:
            if one.sha256 == sha256:
                return one
        raise NotFound("evidence-not-found")


RequestFile = Absent | Drafted


def decide(command: RequestCommand, request: RequestFile) -> list[RequestEvent]:
    match request, command:
        case Drafted(), DraftRequest() if not _same(request.asked, command):
            raise Refused("request-exists", "choose another request_id")
        case _, DraftRequest():
            drafted = _drafted(command)
            known = isinstance(request, Drafted) and request.asked == drafted
            return [] if known else [drafted]
        case Drafted(), AttachEvidence():
            return _attached(request, command)
        case _:
            raise NotFound("request-not-found")


def _same(asked: RequestDrafted, command: DraftRequest) -> bool:
    return (asked.fund_id, asked.partner_id) == (command.fund_id, command.partner_id)


def _drafted(command: DraftRequest) -> RequestDrafted:
    return RequestDrafted(
        request_id=command.request_id,
        fund_id=command.fund_id,
        partner_id=command.partner_id,
        amount=command.amount,
        share=command.share,
        activity=command.activity,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        template=command.found,
    )


def _attached(request: Drafted, command: AttachEvidence) -> list[RequestEvent]:
    """The same file again is no news, whatever kind it is called now."""
    if any(one.sha256 == command.file.sha256 for one in request.files):
        return []
    asked = request.asked
    return [
        EvidenceAttached(
            request_id=asked.request_id,
            partner_id=asked.partner_id,
            file=command.file,
            by=command.by,
        )
    ]


def evolve(request: RequestFile, fact: RequestEvent) -> RequestFile:
    match request, fact:
        case Absent(), RequestDrafted():
            return Drafted(asked=fact)
        case Drafted(), RequestDrafted():
            return replace(request, asked=fact)
        case Drafted(), EvidenceAttached():
            return replace(request, files=(*request.files, fact.file))
        case _:
            raise corrupt(request, fact)


REQUEST: Decider[RequestCommand, RequestFile, RequestEvent] = Decider(decide, evolve, Absent())
