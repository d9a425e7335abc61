"""Stage models: data, published in versions; an opportunity keeps the one it began with."""

from decimal import Decimal
from typing import Annotated, Literal

from fastapi import APIRouter, Response
from pydantic import Field

from services.leads.api.shapes import MANAGERS, STAFF, Answer
from services.leads.domain.pipeline.commands import PublishStageModel
from services.leads.domain.pipeline.events import Stage
from services.leads.domain.pipeline.stage_model import BUILT_IN
from services.leads.domain.streams import stage_model
from services.leads.projections.opportunities import STAGE_MODELS
from shared.contracts.ids import Id
from shared.contracts.money import Amount
from shared.kernel.codec import document
from shared.kernel.ports import Query
from shared.runtime.context import Service
from shared.runtime.http import Body, By, Cursor, Limit, Text, answered, listed

Share = Annotated[Amount, Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=1, le=3_650)]


class StageBody(Body):
    """`requires`: evidence without which nobody enters; null days: no such warning."""

    stage: Text
    category: Literal["pipeline", "best-case", "commit"] = "pipeline"
    probability: Share = Decimal(0)
    requires: Annotated[tuple[Text, ...], Field(max_length=20)] = ()
    yellow_days: Days | None = 7
    escalation_days: Days | None = 15


class Model(Body):
    model_id: Id
    stages: Annotated[tuple[StageBody, ...], Field(min_length=1, max_length=50)]


def routes(service: Service) -> APIRouter:
    router = APIRouter(prefix="/stage-models", tags=["leads"])

    @router.post("", status_code=201, dependencies=[MANAGERS])
    async def publish(body: Model, by: By, response: Response) -> Answer:
        """Opportunities that are open go on in their stages."""
        stages = tuple(Stage(**dict(one)) for one in body.stages)
        command = PublishStageModel(model_id=body.model_id, stages=stages, at=service.clock())
        done = await service.handle(stage_model(body.model_id), command, by)
        return answered(response, "leads", done, model_id=body.model_id)

    @router.get("", dependencies=[STAFF])
    async def models(cursor: Cursor = None, limit: Limit = 50) -> Answer:
        query = Query(sort="model_id", cursor=cursor, limit=limit)
        page = await service.read.find(STAGE_MODELS.name, query)
        return {**listed(page), "built_in": document(BUILT_IN)}

    return router
