"""The templates of the account, as the page lists them."""

from __future__ import annotations

from dataclasses import dataclass

from acuse.channels.contract import Channel
from acuse.channels.models import WhatsAppTemplate
from acuse.channels.templates import MARKETING, shape_of
from acuse.channels.whatsapp import template_draft
from acuse.channels.whatsapp.news.templates import reason_in_words
from acuse.channels.whatsapp.onboarding import templates
from acuse.companies.models import Company
from acuse.deliveries.policies.templates import used_by, why_not
from acuse.vouchers.kinds import VoucherKind
from acuse.web.bubbles import Bubble, bubble_of, text_of
from acuse.web.whatsapp.status_words import CATEGORIES, TEMPLATE_STATUSES, Said

#: Meta hasn't decided.
IN_REVIEW = frozenset({"PENDING", "IN_APPEAL"})


@dataclass(frozen=True, slots=True)
class Row:
    template: WhatsAppTemplate
    status: Said
    category: str
    is_marketing: bool
    #: Why Meta rejected it, in words.
    reason: str
    #: Why no kind can use it; blank when one can.
    why_not: str
    #: In words; blank when nothing is sent with it.
    used_in: str
    #: None where there is no text to show.
    bubble: Bubble | None

    @property
    def in_review(self) -> bool:
        return self.template.status in IN_REVIEW

    @property
    def rejected(self) -> bool:
        return self.template.status == "REJECTED"

    @property
    def hopeful(self) -> bool:
        """It can be used, or may soon be."""
        return not self.why_not or self.in_review

    @property
    def seen(self) -> str:
        row = self.template
        return f"{row.pk}:{row.status}:{row.category}:{row.rejected_reason}:{self.why_not}:{self.used_in}"


def in_review(company: Company) -> bool:
    rows = WhatsAppTemplate.objects.filter(account__company=company, gone_at=None)
    return rows.filter(status__in=IN_REVIEW).exists()


def rows_of(company: Company) -> list[Row]:
    """Those in use first, then those that can be used and those to be corrected, the newest of these first."""
    used = used_by(company)
    rows = [_row(row, list(used.get((row.name, row.language), ()))) for row in templates.of_account(company)]
    return sorted(rows, key=_place_of)


def _place_of(row: Row) -> tuple[bool, bool, bool, int]:
    wrong = row.rejected and not row.used_in
    return not row.used_in, not row.hopeful, not row.rejected, -row.template.pk if wrong else 0


def _row(row: WhatsAppTemplate, kinds: list[VoucherKind]) -> Row:
    names = [kind.plural for kind in kinds]
    return Row(
        template=row,
        status=TEMPLATE_STATUSES.get(row.status, Said(row.status or "Sin leer", "warning")),
        category=CATEGORIES.get(row.category, row.category or "—"),
        is_marketing=row.category == MARKETING,
        reason=reason_in_words(row.rejected_reason) if row.rejected_reason else "",
        why_not=why_not(row),
        used_in="Todos los comprobantes" if len(names) == len(VoucherKind) else ", ".join(names),
        bubble=_bubble(row),
    )


def _bubble(row: WhatsAppTemplate) -> Bubble | None:
    text = text_of(row.components)
    if text is None:
        return None
    names = shape_of(row.components, row.parameter_format).names
    examples = template_draft.examples_for(text.body)
    parameters = [{"name": name, "text": example} for name, example in zip(names, examples, strict=True)]
    content = {"template": {"name": row.name, "language": row.language, "parameters": parameters}}
    return bubble_of(Channel.WHATSAPP.value, content, text)
