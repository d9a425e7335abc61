"""How far each line of an order is, and what the parts of it come to.

ordered = open + shipped + cancelled; returned ≤ delivered ≤ shipped. What was delivered is no
longer on the way: goods that come back without having arrived count as both. Values are cumulative
per line, so the parts of a line always sum to what the whole of them comes to (ruling o8).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from immutables import Map

from services.orders.domain.goods import LinePart
from services.orders.domain.pricing import worth
from shared.contracts.money import Money
from shared.contracts.orders import AffectedLine, OrderLine
from shared.kernel.errors import Malformed, Refused

ZERO = Decimal(0)
Movement = Literal["cancelled", "shipped", "delivered", "returned"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Of one line, in its units."""

    cancelled: Decimal = ZERO
    shipped: Decimal = ZERO
    delivered: Decimal = ZERO
    returned: Decimal = ZERO


Progresses = Map[int, Progress]
NOTHING = Progress()


def left(line: OrderLine, progress: Progresses, movement: Movement) -> Decimal:
    """How many of the line that may still happen to."""
    so_far = progress.get(line.line, NOTHING)
    match movement:
        case "cancelled" | "shipped":
            return line.quantity - so_far.shipped - so_far.cancelled
        case "delivered":
            return so_far.shipped - so_far.delivered
        case "returned":
            return so_far.shipped - so_far.returned


def affected(
    lines: Sequence[OrderLine],
    progress: Progresses,
    movement: Movement,
    asked: Sequence[LinePart],
) -> tuple[AffectedLine, ...]:
    """The lines of a movement with their values; nothing asked for is all that is left."""
    known = {line.line: line for line in lines}
    if twice := [line for line, n in Counter(one.line for one in asked).items() if n > 1]:
        raise Malformed("order-malformed", f"line {twice[0]} is there twice")
    every = asked or rest(lines, progress, movement)
    if not every:
        raise Refused("order-quantity", f"nothing is left that could be {movement}")
    for one in every:
        _check(known.get(one.line), progress, movement, one)
    return tuple(
        _affected(known[one.line], progress.get(one.line, NOTHING), movement, one.quantity)
        for one in sorted(every, key=lambda one: one.line)
    )


def rest(
    lines: Iterable[OrderLine], progress: Progresses, movement: Movement
) -> tuple[LinePart, ...]:
    every = ((line.line, left(line, progress, movement)) for line in lines)
    return tuple(LinePart(line=line, quantity=some) for line, some in every if some > 0)


def after(
    progress: Progresses, movement: Movement, lines: Iterable[LinePart | AffectedLine]
) -> Progresses:
    for one in lines:
        progress = progress.set(
            one.line, _moved(progress.get(one.line, NOTHING), movement, one.quantity)
        )
    return progress


def values(lines: Iterable[OrderLine], progress: Progresses, movement: Movement) -> Money:
    """Gross, of all that this happened to so far."""
    found = [
        _value(line, movement, getattr(progress.get(line.line, NOTHING), movement))[1]
        for line in lines
    ]
    return sum(found[1:], found[0])


def _check(
    line: OrderLine | None, progress: Progresses, movement: Movement, asked: LinePart
) -> None:
    if line is None:
        raise Malformed("order-malformed", f"the order has no line {asked.line}")
    if asked.quantity <= 0:
        raise Malformed("order-malformed", f"line {asked.line}: a quantity is above 0")
    if asked.quantity > (most := left(line, progress, movement)):
        raise Refused(
            "order-quantity", f"line {asked.line}: at most {most:f} can still be {movement}"
        )


def _affected(
    line: OrderLine, so_far: Progress, movement: Movement, quantity: Decimal
) -> AffectedLine:
    done: Decimal = getattr(so_far, movement)
    net, gross = _value(line, movement, done + quantity)
    earlier_net, earlier_gross = _value(line, movement, done)
    return AffectedLine(
        line=line.line,
        product_line=line.product_line,
        quantity=quantity,
        amount=gross - earlier_gross,
        net=net - earlier_net,
        tax_rate=line.tax_rate,
    )


def _value(line: OrderLine, movement: Movement, quantity: Decimal) -> tuple[Money, Money]:
    """What is cancelled is the whole without what stays, so the rest is priced like any order."""
    if movement != "cancelled":
        return worth(line, quantity)
    net, gross = worth(line, line.quantity - quantity)
    return line.net - net, line.amount - gross


def _moved(so_far: Progress, movement: Movement, quantity: Decimal) -> Progress:
    match movement:
        case "cancelled":
            return replace(so_far, cancelled=so_far.cancelled + quantity)
        case "shipped":
            return replace(so_far, shipped=so_far.shipped + quantity)
        case "delivered":
            return replace(so_far, delivered=so_far.delivered + quantity)
        case "returned":
            back = so_far.returned + quantity
            return replace(so_far, returned=back, delivered=max(so_far.delivered, back))
