"""Step 6: the template: made from our draft with a neutral sample, or one that exists imported; and how it is."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from acuse.channels.contract import Cause
from acuse.channels.fitting import put
from acuse.channels.models import WhatsAppAccount, WhatsAppTemplate
from acuse.channels.templates import shape_of
from acuse.channels.whatsapp import template_draft
from acuse.channels.whatsapp.facts import TemplateFacts
from acuse.channels.whatsapp.management import Management, ManagementError
from acuse.channels.whatsapp.onboarding.asking import OnboardingError, Words, app_of, ask_for, chosen_account
from acuse.channels.whatsapp.template_draft import Draft
from acuse.companies import audit
from acuse.companies.models import Company
from acuse.kernel import clock

#: Meta's subcode for a name that is in use.
_TAKEN = 2388024
#: Bytes: a sample shows a layout, and Meta takes its time with large ones.
MAX_SAMPLE = 5 * 1024 * 1024

_CREATING: Words = {
    (100, _TAKEN): Cause(
        "taken", "Ya hay una plantilla con ese nombre en ese idioma.", "Importala de la lista, o elegí otro nombre."
    ),
    (100, 2388023): Cause(
        "blocked",
        "Ese nombre es de una plantilla que se borró: Meta no deja usarlo por 30 días.",
        "Elegí otro nombre, por ejemplo comprobantes_2.",
    ),
    (100, 2388019): Cause(
        "many",
        "La cuenta tiene todas las plantillas que Meta le permite.",
        "Borrá alguna que no uses en WhatsApp Manager.",
    ),
    (80007, None): Cause("pace", "Se crearon demasiadas plantillas en la última hora.", "Probá de nuevo en una hora."),
    (200, None): Cause(
        "scope", "Al token le falta el permiso whatsapp_business_management.", "Generalo de nuevo tildándolo: paso 2."
    ),
}


def submit(company: Company, *, draft: Draft, sample: bytes, actor: str) -> WhatsAppTemplate:
    """Send it to Meta's review: a new one, or the rejected one of that name, corrected.

    The same again, after an answer that was lost or a second click, is the first one.

    Raises OnboardingError, by our reading of Meta's rules before Meta's own.
    """
    bad = [finding for finding in template_draft.findings(draft) if not finding.warning]
    if bad:
        raise OnboardingError(bad[0].field, bad[0].text)
    _check_sample(sample)
    account, app = chosen_account(company), app_of(company)

    rejected = _rejected(account, draft)

    async def make(graph: Management) -> tuple[str, str, str]:
        handle = await graph.upload_sample(app.app_id, name="ejemplo.pdf", content=sample, media_type="application/pdf")
        if rejected is not None:
            await graph.edit_template(rejected.meta_id, template_draft.components(draft, handle))
            return rejected.meta_id, "PENDING", rejected.category
        return await graph.create_template(account.waba_id, template_draft.creation(draft, handle))

    try:
        meta_id, status, category = ask_for(company, make, field="name", words=_CREATING)
    except OnboardingError as refused:
        there = _already_made(company, account, draft) if _name_is_taken(refused) else None
        if there is None:
            raise
        return there
    facts = TemplateFacts(
        id=meta_id, name=draft.name, language=draft.language, status=status, category=category or draft.category,
        quality="", rejected_reason="", parameter_format="POSITIONAL",
        components=tuple(template_draft.components(draft, "")),
    )  # fmt: skip
    with transaction.atomic():
        row = keep(account, facts)
        audit.record(company=company, actor=actor, event="whatsapp.template_sent", target=str(row), category=category)
    return row


def _rejected(account: WhatsAppAccount, draft: Draft) -> WhatsAppTemplate | None:
    """Its name stays taken: Meta lets it be corrected instead."""
    rows = WhatsAppTemplate.objects.filter(account=account, status="REJECTED", gone_at=None).exclude(meta_id="")
    return rows.filter(name=draft.name, language=draft.language).first()


def _name_is_taken(refused: OnboardingError) -> bool:
    return isinstance(refused.__cause__, ManagementError) and refused.__cause__.subcode == _TAKEN


def _already_made(company: Company, account: WhatsAppAccount, draft: Draft) -> WhatsAppTemplate | None:
    """The one of this name that Meta has, if it says what the draft says."""
    for facts in read_all(company):
        if (facts.name, facts.language.replace("-", "_")) == (draft.name, draft.language):
            shape = shape_of(facts.components)
            same = (shape.header, shape.body, shape.footer) == ("DOCUMENT", draft.body.strip(), draft.footer.strip())
            return keep(account, facts) if same else None
    return None


def _check_sample(sample: bytes) -> None:
    if not sample.startswith(b"%PDF-"):
        raise OnboardingError("sample", "El ejemplo tiene que ser un PDF.")
    if len(sample) > MAX_SAMPLE:
        raise OnboardingError("sample", "El ejemplo pesa más de 5 MB.", "Usá el que viene con Acuse, o uno más chico.")


def keep(account: WhatsAppAccount, facts: TemplateFacts) -> WhatsAppTemplate:
    """What Meta says of a template, as of now."""
    language = facts.language.replace("-", "_")
    values = {
        "meta_id": facts.id,
        "status": facts.status,
        "category": facts.category,
        "quality": facts.quality,
        "rejected_reason": "" if facts.rejected_reason == "NONE" else facts.rejected_reason,
        "parameter_format": facts.parameter_format,
        "components": [dict(component) for component in facts.components],
        "synced_at": clock.now(),
        "gone_at": None,
    }
    row, _ = WhatsAppTemplate.objects.get_or_create(account=account, name=facts.name[:512], language=language[:15])
    put(row, values)
    row.save()
    return row


def of_account(company: Company) -> Sequence[WhatsAppTemplate]:
    """Those that Meta still has, as last read."""
    rows = WhatsAppTemplate.objects.filter(account__company=company, gone_at=None)
    return list(rows.order_by("name", "language"))


def read_all(company: Company) -> list[TemplateFacts]:
    """All pages of Meta's listing."""
    account = chosen_account(company)
    return ask_for(company, lambda graph: graph.templates(account.waba_id), field="waba_id", words=_CREATING)


def unpause(company: Company, *, template: WhatsAppTemplate, actor: str) -> None:
    """For one that pacing paused: those come back only by hand (Meta, template pacing)."""
    ask_for(company, lambda graph: graph.unpause_template(template.meta_id), field="name")
    audit.record(company=company, actor=actor, event="whatsapp.template_unpaused", target=str(template))
