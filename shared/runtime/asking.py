"""Asking this very address, as the caller of a request: what composed answers are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import Depends, FastAPI, Request
from httpx2 import ASGITransport, AsyncClient, codes

PASSED = ("authorization", "qudao-token", "traceparent")
"""Who asks, and what they have written: every part of an answer sees that."""


@dataclass(frozen=True, slots=True)
class Part:
    """`refused`: the slug, where it is no success; `missing`: there is no such thing."""

    body: Any
    refused: str = ""
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Ask:
    """Each part passes the same door as a request from outside: its limits, its scope.

    The same in `qudao up` and at a gateway before many processes.
    """

    app: FastAPI
    headers: Mapping[str, str]

    async def __call__(self, path: str, **params: Any) -> Part:
        transport = ASGITransport(self.app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://qudao") as http:
            answer = await http.get(path, params=params, headers=self.headers)
        if answer.is_success:
            return Part(answer.json())
        refused = str(answer.json().get("slug", answer.status_code))
        return Part(None, refused, missing=answer.status_code == codes.NOT_FOUND)


async def asking(request: Request) -> Ask:
    found = {name: value for name in PASSED if (value := request.headers.get(name))}
    return Ask(cast(FastAPI, request.app), found)


Asking = Annotated[Ask, Depends(asking)]
