"""From what was asked for to what it comes to (ruling g5): rounded per line, never before."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal, localcontext

from services.orders.domain.commands import LineWanted
from services.orders.domain.events import Piece
from shared.contracts.ids import named
from shared.contracts.money import Money, total
from shared.contracts.orders import AffectedLine, OrderLine
from shared.kernel.errors import Malformed

DIRECTOR_ABOVE = Decimal(500_000)  # net, in the order's currency; strictly above (O-06)
BOUND = Decimal(10) ** 15
FIRST, LAST = 1970, 2999
DIGITS = 60  # exact products of two 24-digit numbers


def priced(wanted: Sequence[LineWanted]) -> tuple[OrderLine, ...]:
    """Lines in the order of their numbers, or why they are no order."""
    if not wanted:
        raise Malformed("order-malformed", "an order has at least one line")
    if twice := [line for line, n in Counter(one.line for one in wanted).items() if n > 1]:
        raise Malformed("order-malformed", f"line {twice[0]} is there twice")
    if len({one.unit_price.currency for one in wanted}) > 1:
        raise Malformed("order-malformed", "all lines of an order are in one currency")
    lines = tuple(_priced(one) for one in sorted(wanted, key=lambda one: one.line))
    if gross(lines).amount >= BOUND:
        raise Malformed("order-malformed", "an order comes to less than 10^15")
    return lines


def _priced(one: LineWanted) -> OrderLine:
    if one.quantity <= 0:
        raise Malformed("order-malformed", f"line {one.line}: a quantity is above 0")
    if one.unit_price.amount < 0:
        raise Malformed("order-malformed", f"line {one.line}: a price is 0 or above")
    if not 0 <= one.tax_rate <= 1:
        raise Malformed("order-malformed", f"line {one.line}: a tax rate lies between 0 and 1")
    bare, whole = worth(one, one.quantity)
    return OrderLine(
        line=one.line,
        sku=one.sku,
        product_line=one.product_line,
        quantity=one.quantity,
        unit_price=one.unit_price,
        tax_rate=one.tax_rate,
        net=bare,
        amount=whole,
    )


def worth(line: LineWanted | OrderLine, quantity: Decimal) -> tuple[Money, Money]:
    """What so many pieces of the line come to: net, and gross."""
    with localcontext(prec=DIGITS):
        price = line.unit_price
        bare = Money(quantity * price.amount, price.currency).rounded()
        return bare, bare + Money(bare.amount * line.tax_rate, price.currency).rounded()


def gross(lines: Sequence[OrderLine]) -> Money:
    with localcontext(prec=DIGITS):
        return total((line.amount for line in lines), lines[0].amount.currency)


def net(lines: Sequence[OrderLine]) -> Money:
    return total((line.net for line in lines), lines[0].net.currency)


def pieces(lines: Iterable[OrderLine | AffectedLine]) -> tuple[Piece, ...]:
    """The lines by product line × tax rate, in ascending order: the grain of a split."""
    sums: dict[tuple[str, Decimal], Money] = {}
    for line in lines:
        key = (line.product_line, line.tax_rate)
        sums[key] = sums.get(key, Money.zero(line.amount.currency)) + line.amount
    return tuple(
        Piece(product_line=product_line, tax_rate=rate, gross=sums[product_line, rate])
        for product_line, rate in sorted(sums)
    )


def plausible(day: date) -> date:
    """No business was done before 1970, and none will be after 2999."""
    if not FIRST <= day.year <= LAST:
        raise Malformed("date-implausible", f"a day between {FIRST} and {LAST}")
    return day


def likeness(
    partner_id: str, customer_id: str | None, lines: Iterable[LineWanted | OrderLine]
) -> str:
    """Equal for orders with the same content (ruling o10): for whom, what, at which price."""
    asked = sorted(
        {
            (one.sku, _plain(one.quantity), _plain(one.unit_price.amount), one.unit_price.currency)
            for one in lines
        }
    )
    return str(named("likeness", partner_id, customer_id, *asked))


def _plain(amount: Decimal) -> str:
    return format(amount.normalize(), "f")
