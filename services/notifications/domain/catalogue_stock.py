"""Rules about what lies on partners' shelves."""

from services.notifications.domain.rule import PARTNER, Rule, Wording

STOCK = (
    Rule(
        rule_id="stock-below-safety",
        on="StockBelowSafety",
        closed_by=("StockRestored",),
        subject="{partner_id}/{product_line}/{sku}",
        recipients=(PARTNER, "role:manager"),
        severity="warning",
        ladder=("role:director",),
        title=Wording(
            zh="{partner_id} 的 {product_line} 库存低于安全线",
            en="{product_line} of {partner_id} is below its safety stock",
        ),
        body=Wording(
            zh="{until} 库存 {on_hand},每周动销 {weekly},安全库存 {safety}。",
            en="On {until} {on_hand} are left at {weekly} a week; {safety} would be safe.",
        ),
    ),
    Rule(
        rule_id="channel-overstocked",
        on="ChannelOverstocked",
        subject="{partner_id}/{product_line}/{sku}",
        episode="{until}",
        recipients=("role:manager",),
        severity="warning",
        title=Wording(
            zh="{partner_id} 的 {product_line} 疑似压货",
            en="{product_line} seems to be pushed into {partner_id}",
        ),
        body=Wording(
            zh="{since} 至 {until} 进货 {sell_in},动销 {sell_through}。",
            en="From {since} to {until} {sell_in} went in and {sell_through} were sold on.",
        ),
    ),
)
