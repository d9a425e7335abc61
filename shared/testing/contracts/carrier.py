"""The contract of a way out of the house: whatever the other side does, it is a receipt."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal, Protocol
from uuid import UUID

import pytest

from shared.kernel.dispatch import Carrier, Parcel
from shared.kernel.errors import Refused

Mood = Literal["takes", "refuses", "hangs", "babbles", "hangs up", "floods"]
MOODS: tuple[Mood, ...] = ("refuses", "hangs", "babbles", "hangs up")
NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)


class Place(Protocol):
    """The other side, in a mood. `arrived`: what it took, as text."""

    mood: Mood

    @property
    def arrived(self) -> list[str]: ...

    @property
    def address(self) -> Mapping[str, str]: ...

    async def leave(self) -> None:
        """Nobody is there from now on."""


def parcel(
    address: Mapping[str, str], title: str = "订单 o-1 暂挂", body: str = "超出信用额度"
) -> Parcel:
    return Parcel(
        delivery_id=UUID(int=7),
        title=title,
        body=body,
        data=json.dumps({"title": title, "body": body[:9]}, ensure_ascii=False).encode(),
        address=address,
        at=NOW,
    )


class CarrierContract:
    """Its carrier gives up within two seconds."""

    async def test_words_arrive(self, carrier: Carrier, place: Place) -> None:
        receipt = await carrier.carry(parcel(place.address))
        assert (receipt.outcome, receipt.reason) == ("delivered", "")
        (one,) = place.arrived
        assert "订单 o-1 暂挂" in one

    async def test_carried_twice_is_the_same_twice(self, carrier: Carrier, place: Place) -> None:
        for _ in range(2):
            await carrier.carry(parcel(place.address))
        first, second = place.arrived
        assert first == second

    @pytest.mark.parametrize("mood", MOODS)
    async def test_what_the_other_side_does_is_a_receipt(
        self, carrier: Carrier, place: Place, mood: Mood
    ) -> None:
        place.mood = mood
        receipt = await carrier.carry(parcel(place.address))
        assert receipt.outcome in {"failed", "refused"}
        assert receipt.reason
        place.mood = "takes"
        assert (await carrier.carry(parcel(place.address))).outcome == "delivered"

    async def test_nobody_there_is_a_receipt(self, carrier: Carrier, place: Place) -> None:
        await place.leave()
        receipt = await carrier.carry(parcel(place.address))
        assert (receipt.outcome, receipt.reason) == ("failed", "connection-failed")

    async def test_long_words_and_strange_ones_go_too(
        self, carrier: Carrier, place: Place
    ) -> None:
        strange = parcel(place.address, "two\nlines\r\nBcc: x@y.example", "长" * 50_000)
        assert (await carrier.carry(strange)).outcome == "delivered"
        assert len(place.arrived) == 1

    async def test_a_good_address_is_vetted_and_nothing_is_sent(
        self, carrier: Carrier, place: Place
    ) -> None:
        await carrier.vet(place.address)
        assert place.arrived == []

    @pytest.mark.parametrize(
        "nonsense", ["x", "a b", "javascript:alert(1)", "../../etc", "@", "…"]
    )
    async def test_a_nonsensical_address_is_refused(self, carrier: Carrier, nonsense: str) -> None:
        with pytest.raises(Refused):
            await carrier.vet({"address": nonsense})
