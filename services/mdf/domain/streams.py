"""What the streams of mdf are called: uniqueness is a stream's name."""

from shared.contracts.ids import named

FUND = "mdf.fund-"


def fund_stream(fund_id: str) -> str:
    return f"{FUND}{fund_id}"


def request_stream(request_id: str) -> str:
    return f"mdf.request-{request_id}"


def claim_stream(claim_id: str) -> str:
    return f"mdf.claim-{claim_id}"


def evidence_stream(key: str) -> str:
    return f"mdf.evidence-{named('evidence', key)}"


def accrual_stream(partner_id: str, half: str) -> str:
    return f"mdf.accrual-{named('accrual', partner_id, half)}"


def template_stream(template_id: str) -> str:
    return f"mdf.template-{template_id}"


def rule_stream(rule_id: str) -> str:
    return f"mdf.rule-{rule_id}"
