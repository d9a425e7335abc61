"""What a delivery says, in the language of whom it is for; and all of it, for machines."""

from services.notifications.domain.outgoing.events import DeliveryPlanned, Item
from services.notifications.domain.outgoing.preferring import Preferences, told
from services.notifications.domain.rule import Wording

DIGEST = Wording(zh="{number} 条通知({about})", en="{number} notifications ({about})")
DISABLED = (
    Wording(zh="通知端点 {endpoint} 已停用", en="Endpoint {endpoint} is disabled"),
    Wording(
        zh="端点 {endpoint}({channel})已停用({reason}):请检查后重新启用,未送达的通知可在投递记录"
        "中重发。",
        en="Endpoint {endpoint} ({channel}) is disabled ({reason}): check it and enable it again; "
        "the delivery log has what it missed, to be sent again.",
    ),
)
MOST = 50  # items that a digest tells one by one
MORE = Wording(zh="……另有 {number} 条,见收件箱。", en="… and {number} more in your inbox.")
Words = tuple[str, str]


def words(delivery: DeliveryPlanned, preferences: Preferences) -> Words:
    """Title and body."""
    if delivery.about is None:
        (only,) = delivery.items
        return told(preferences, only.heading), told(preferences, only.body)
    number = len(delivery.items)
    title = told(preferences, DIGEST).format(number=number, about=delivery.about)
    lines = [line(each, preferences) for each in delivery.items[:MOST]]
    if number > MOST:
        lines.append(told(preferences, MORE).format(number=number - MOST))
    return title, "\n\n".join(lines)


def line(item: Item, preferences: Preferences) -> str:
    return f"· {told(preferences, item.heading)}\n  {told(preferences, item.body)}"
