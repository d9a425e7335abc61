"""What knocks at the front door, and how a problem looks."""

from typing import Any

from httpx2 import Response

from shared.testing.platform import Bed

ENROL = {"partner_id": "p1", "type": "agent", "level": "gold"}


async def ask(bed: Bed, method: str, path: str, **how: Any) -> Response:
    """With a manager's token and a key, unless it says otherwise."""
    token = {"Authorization": f"Bearer {bed.token()}", "Idempotency-Key": "k"}
    headers = {name: value for name, value in {**token, **how.pop("headers", {})}.items() if value}
    return await bed.http.request(method, path, headers=headers, **how)


def problem(answer: Response, status: int, slug: str) -> None:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["slug"], told["status"]) == (slug, status)
    assert told["type"] == f"/problems/{slug}"
    assert {"zh", "en"} <= told["titles"].keys()
    assert all(part in told["title"] for part in told["titles"].values())


async def stored(bed: Bed) -> int:
    return await bed.platform.workers["partners"].ports.store.end()
