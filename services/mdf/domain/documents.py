"""What requests and claims consist of: checklists, files, costs, invoices, and who showed them."""

from dataclasses import dataclass
from typing import Literal

from shared.contracts.money import Money

Method = Literal["payment", "credit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirement:
    """So many different files of this kind before a claim is complete."""

    kind: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateVersion:
    """What kind of activity it is, and the checklist of its evidence."""

    template_id: str
    version: int
    requirements: tuple[Requirement, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Named as among the blobs: by the SHA-256 of its content. `kind` as in a checklist."""

    kind: str
    sha256: str
    media: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine:
    line: int
    what: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    number: str
    seller_tax_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedLine:
    """What is not eligible has its reason (M-02)."""

    line: int
    eligible: Money
    ineligible: Money
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstUse:
    """Where a piece of evidence stood first."""

    claim_id: str
    request_id: str
    partner_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessed:
    eligible: Money
    ineligible: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What the request's file says (ADR 0035): the files that are shown, and the checklist of its
    template; a claim counts when it is complete.
    """

    fund_id: str
    partner_id: str
    files: tuple[File, ...]
    requirements: tuple[Requirement, ...]
