"""Users of a running platform, over HTTP: each says who it is, and commands are never the same."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from httpx2 import Client, Response


@dataclass(slots=True)
class Users:
    """`who` is a role, or `partner:<id>`."""

    http: Client
    _keys: "count[int]" = field(default_factory=lambda: count(1))
    _tokens: dict[str, str] = field(default_factory=dict)

    def post(
        self, path: str, body: object, *, who: str = "manager", key: str = ""
    ) -> dict[str, Any]:
        headers = self.headers(who) | {"Idempotency-Key": key or f"e2e-{next(self._keys)}"}
        return told(self.http.post(path, json=body, headers=headers))

    def get(
        self,
        path: str,
        *,
        who: str = "manager",
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        sent = {**self.headers(who), **(headers or {})}
        return told(self.http.get(path, headers=sent, params=params))

    def advance(self, instant: str) -> None:
        body = {"advance_to": instant}
        told(self.http.post("/v1/clock", json=body, headers=self.headers("operations")))

    def headers(self, who: str) -> dict[str, str]:
        if who not in self._tokens:
            role, _, partner_id = who.partition(":")
            wish = {"role": role, "sub": who} | ({"partner_id": partner_id} if partner_id else {})
            self._tokens[who] = told(self.http.post("/v1/tokens", json=wish))["token"]
        return {"Authorization": f"Bearer {self._tokens[who]}"}


def told(answer: Response) -> dict[str, Any]:
    assert answer.status_code < 300, f"{answer.status_code} {answer.text}"
    found: dict[str, Any] = answer.json()
    return found
