"""What a payment pays of an order, piece by piece (rulings g4, g5): the grain of every split."""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from itertools import groupby

from services.orders.domain.events import Piece
from services.orders.domain.ledger import Account, Paid
from shared.contracts.money import Money, split
from shared.contracts.orders import AllocatedLine, Allocation

Pieces = tuple[Piece, ...]


def grain(account: Account, paid: Paid | None, order_id: str, part: Decimal) -> Pieces:
    """What is allocated stays as it was split; another part is split by what is live (o7).

    What pays for goods that came back has only its own split.
    """
    owed = account.orders[order_id]
    before = paid.taken.get(order_id) if paid else None
    if paid and before is not None and (before == part or part > owed.total):
        return paid.weights[order_id]
    return owed.order.pieces


def portions(pieces: Pieces, amount: Money) -> Pieces:
    """The amount over the pieces, by gross weight."""
    parts = split(amount, [piece.gross.amount for piece in pieces])
    return tuple(replace(piece, gross=gross) for piece, gross in zip(pieces, parts, strict=True))


def allocation(account: Account, order_id: str, pieces: Pieces, amount: Money) -> Allocation:
    return Allocation(
        order_id=order_id,
        region=account.orders[order_id].order.region,
        amount=amount.rounded(),
        lines=lines(portions(pieces, amount.rounded())),
    )


def lines(pieces: Iterable[Piece]) -> tuple[AllocatedLine, ...]:
    """Shown per product line; each piece is without its tax first."""
    sums: dict[str, tuple[Money, Money]] = {}
    for piece in pieces:
        gross = piece.gross
        net = Money(gross.amount / (1 + piece.tax_rate), gross.currency).rounded()
        none = (Money.zero(gross.currency), Money.zero(gross.currency))
        so_far = sums.get(piece.product_line, none)
        sums[piece.product_line] = (so_far[0] + gross, so_far[1] + net)
    return tuple(
        AllocatedLine(product_line=line, amount=gross.rounded(), net=net.rounded())
        for line, (gross, net) in sums.items()
        if gross
    )


def without(paid: Paid, back: Money) -> dict[str, Pieces]:
    """Ruling r4: what goes back is split over what is left of each piece of the payment."""
    every = [
        (order_id, piece)
        for order_id, part in paid.taken.items()
        for piece in portions(paid.weights[order_id], Money(part, back.currency))
    ]
    cuts = split(back, [piece.gross.amount for _, piece in every])
    stays = [
        (order_id, replace(piece, gross=piece.gross - cut))
        for (order_id, piece), cut in zip(every, cuts, strict=True)
    ]
    kept = ((order_id, piece) for order_id, piece in stays if piece.gross)
    return {
        order_id: tuple(piece for _, piece in some)
        for order_id, some in groupby(kept, key=lambda one: one[0])
    }
