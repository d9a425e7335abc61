"""Evidence of a request: files, told by their content, kept under their hash."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response

from services.mdf.api.answers import Shown, request_found
from services.mdf.api.bodies import Kind
from services.mdf.domain.commands import AttachEvidence
from services.mdf.domain.documents import File
from services.mdf.domain.sniffing import sniffed
from services.mdf.domain.streams import request_stream
from shared.contracts.ids import Id
from shared.kernel.codec import document
from shared.kernel.errors import NotFound
from shared.kernel.ports import Blobs
from shared.runtime.context import Service
from shared.runtime.http import By, Who, allow, answered

PROVING = allow("partner", "sales", "manager", "marketing", "operations")
RequestId = Annotated[Id, Path()]
Hash = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]
BINARY = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
BODY = {"requestBody": {"required": True, "content": BINARY}}


def evidence_routes(service: Service) -> APIRouter:
    router = APIRouter()

    @router.post(
        "/requests/{request_id}/evidence",
        status_code=201,
        dependencies=[PROVING],
        openapi_extra=BODY,
    )
    async def attach(
        request_id: RequestId,
        request: Request,
        by: By,
        who: Who,
        response: Response,
        kind: Annotated[Kind, Query()] = "photo",
    ) -> Shown:
        """The body is the file. What it is its content says, not its name or Content-Type."""
        await request_found(service, request_id, who)
        data = await request.body()
        media = sniffed(data)
        sha256 = await blobs(service).put(data)
        file = File(kind=kind, sha256=sha256, media=media, size=len(data))
        command = AttachEvidence(file=file, by=who.subject, at=service.clock())
        done = await service.handle(request_stream(request_id), command, by)
        return answered(response, "mdf", done, request_id=request_id, **document(file))

    @router.get("/requests/{request_id}/evidence/{sha256}", response_class=Response)
    async def show(request_id: RequestId, sha256: Hash, who: Who) -> Response:
        """Only through the request that it was attached to; never shown inside a page."""
        file = (await request_found(service, request_id, who)).file(sha256)
        data = await blobs(service).get(sha256)
        if data is None:
            raise NotFound("evidence-not-found")
        named = {"Content-Disposition": f'attachment; filename="{sha256[:12]}"'}
        sandbox = {"Content-Security-Policy": "sandbox", "X-Content-Type-Options": "nosniff"}
        return Response(data, media_type=file.media, headers=named | sandbox)

    return router


def blobs(service: Service) -> Blobs:
    assert service.blobs is not None, "mdf is hosted without a place for files"
    return service.blobs
