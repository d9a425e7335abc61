"""The contract of the people port."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from shared.kernel.ports import People

PAT, SAM = UUID(int=1), UUID(int=2)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)


class PeopleContract:
    async def test_keeps_people(self, people: People) -> None:
        await people.put(PAT, {"name": "王小明", "phone": "+86 138"})
        await people.put(SAM, {})
        known = {PAT: {"name": "王小明", "phone": "+86 138"}, SAM: {}}
        assert await people.get_many([PAT, SAM, UUID(int=3)]) == known
        assert await people.get_many([]) == {}

    async def test_what_is_put_takes_the_place_of_all_that_was_known(self, people: People) -> None:
        await people.put(PAT, {"name": "Pat", "phone": "1"})
        for _ in range(2):
            await people.put(PAT, {"name": "Pat Lee"})
        assert await people.get_many([PAT]) == {PAT: {"name": "Pat Lee"}}

    async def test_forgets_a_person_and_no_other(self, people: People) -> None:
        await people.put(PAT, {"name": "Pat"})
        await people.put(SAM, {"name": "Sam"})
        assert [await people.forget(PAT), await people.forget(PAT)] == [True, False]
        assert await people.get_many([PAT, SAM]) == {SAM: {"name": "Sam"}}

    async def test_keeps_a_raw_claim_untouched(self, people: People) -> None:
        raw = bytes(range(256))
        for _ in range(2):
            await people.keep(PAT, raw, until=NOW)
        assert await people.raw(PAT) == raw
        assert await people.raw(SAM) is None

    async def test_a_raw_claim_goes_when_its_time_has_come(self, people: People) -> None:
        await people.keep(PAT, b"old", until=NOW)
        await people.keep(SAM, b"new", until=NOW + DAY)
        assert await people.expire(NOW - DAY) == 0
        assert [await people.expire(NOW), await people.expire(NOW)] == [1, 0]
        assert [await people.raw(PAT), await people.raw(SAM)] == [None, b"new"]

    async def test_raw_claims_and_people_are_not_each_other(self, people: People) -> None:
        await people.put(PAT, {"name": "Pat"})
        await people.keep(PAT, b"{}", until=NOW)
        await people.forget(PAT)
        assert await people.raw(PAT) == b"{}"

    async def test_many_people(self, people: People) -> None:
        everyone = [UUID(int=n) for n in range(300)]
        for one in everyone:
            await people.put(one, {"n": str(one.int)})
        assert len(await people.get_many(everyone)) == 300
