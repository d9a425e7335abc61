"""All that a view has, page by page."""

from collections.abc import AsyncIterator
from typing import Protocol

from shared.kernel.ports import Condition, Document, Page, Query

PAGE = 200


class Finding(Protocol):
    async def find(self, view: str, query: Query) -> Page: ...


async def every(
    views: Finding, view: str, *where: Condition, sort: str = "", limit: int = PAGE
) -> AsyncIterator[Document]:
    """A document that moves while it is looked at may be met twice, or not at all."""
    query = Query(where, sort=sort, limit=limit)
    while True:
        page = await views.find(view, query)
        for row in page.documents:
            yield row
        if page.cursor is None:
            return
        query = Query(where, sort=sort, limit=limit, cursor=page.cursor)
