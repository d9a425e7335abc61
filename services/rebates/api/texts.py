"""An account's reason in a sentence, in Chinese and in English."""

from decimal import Decimal

from services.rebates.domain.standing import Standing
from services.rebates.domain.terms import Terms
from shared.contracts.money import Money

METHODS = {"whole": ("全额", "on all of it"), "marginal": ("分段", "band by band")}


def texts(period: str, now: Standing, terms: Terms) -> dict[str, str]:
    volume, earned = _money(now.volume), _money(now.entitlement)
    zh, en = METHODS[terms.method]
    if now.volume.amount <= 0:
        return {
            "zh": f"{period} 回款净额 {volume}，没有返利。",
            "en": f"{period}: {volume} collected, so nothing is earned (no volume).",
        }
    if now.tier is None:
        lowest = _money(Money(terms.tiers[0].threshold, now.volume.currency))
        return {
            "zh": f"{period} 回款净额 {volume}，未达到首档 {lowest}，没有返利。",
            "en": f"{period}: {volume} collected, below the first tier of {lowest}.",
        }
    reached = _money(Money(now.tier.threshold, now.volume.currency))
    rate = _percent(now.tier.rate)
    return {
        "zh": f"{period} 回款净额 {volume}，达到 {reached} 档（{rate}，{zh}），返利 {earned}。",
        "en": f"{period}: {volume} collected reaches {reached}, {rate} {en}: {earned}.",
    }


def _money(money: Money) -> str:
    return f"{money.amount:,} {money.currency}"


def _percent(rate: Decimal) -> str:
    return f"{(rate * 100).normalize():f} %"
