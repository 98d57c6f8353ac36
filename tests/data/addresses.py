"""Every address of the office, from the resolver, and a row of Ana's company for each of their arguments."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver, reverse

from acuse.channels import notices
from acuse.channels.contract import Grade
from acuse.channels.models import WhatsAppTemplate
from acuse.companies import audit, services
from acuse.companies.membership import invitations
from acuse.companies.models import AuditEntry, Membership, SavedFilter
from acuse.deliveries.figures import rates
from acuse.deliveries.models import Batch, Delivery, InboundMessage, Rate
from acuse.deliveries.planning import today_in
from acuse.directory.models import CustomerClass
from acuse.kernel import clock
from acuse.vouchers.models import VoucherDraft
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.offices import acting_as, make_role
from tests.data.scenes import ask, suspend

#: In every name of what is Ana's company's.
MARK = "Zzsecreto"
#: Arguments that name no row.
WORDS = {"kind": "sales_invoice", "section": "clientes", "wanted": "activar", "act": "cancelar", "version": 1}


def _walk(resolver: Any, above: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(name, converters of the whole path)."""
    for entry in resolver.url_patterns:
        converters = above | entry.pattern.converters
        if isinstance(entry, URLPattern):
            yield str(entry.name), converters
        else:
            yield from _walk(entry, converters)


def _office() -> list[tuple[str, dict[str, Any]]]:
    web = next(e for e in get_resolver().url_patterns if isinstance(e, URLResolver) and e.app_name == "web")
    return sorted(_walk(web, {}), key=lambda one: one[0])


ADDRESSES = _office()


def _value(name: str, converter: Any, rows: dict[str, Any]) -> Any:
    if name in rows:
        return rows[name]
    # a kind of row that the scene has none of: its door is tried
    return uuid.UUID(int=1) if type(converter).__name__ == "UUIDConverter" else 1


def url_of(name: str, converters: dict[str, Any], rows: dict[str, Any]) -> str:
    values = {key: _value(key, converter, rows) for key, converter in converters.items()}
    return reverse(f"web:{name}", kwargs=values)


def make_rows(people: Cast) -> dict[str, Any]:
    """One of each that the addresses name."""
    number = make_whatsapp(people.company).whatsapp_number
    template = WhatsAppTemplate.objects.create(account=number.account, name=MARK, language="es_AR", status="PAUSED")
    notice = notices.put_up(
        people.company.pk, key="account:1:security", grade=Grade.WARNING, text=MARK, next_step=MARK, now=clock.now()
    )
    party = make_party(people.company, name=f"{MARK} SA")
    contact = make_contact(party, name=f"{MARK} compras")
    voucher = make_voucher(people.company, party)
    delivery = ask([voucher])[0]
    role = make_role(people.company, f"{MARK} rol")
    ana = acting_as(people.ana, people.company)
    audit.record(company=people.company, actor="system", event="role.created", target=MARK)
    audit.record(company=None, actor="system", event="installation_admin.granted", target="jefa@nube.example")
    return WORDS | _work(people, delivery) | {
        "voucher_id": voucher.pk, "delivery_id": delivery.pk, "suspension_id": suspend(delivery).pk,
        "party_id": party.pk, "other_id": make_party(people.company, name=f"{MARK} SRL").pk, "contact_id": contact.pk,
        "class_id": CustomerClass.objects.create(company=people.company, name=f"{MARK} clase").pk,
        "member_id": Membership.objects.get(user=people.beto).pk, "role_id": role.pk, "user_id": people.beto.pk,
        "key_id": services.new_api_key(company=people.company, role=role, name=f"{MARK} clave", actor="test").row.pk,
        "invitation_id": invitations.invite(by=ana, email="zzsecreto@sur.example", roles=[role]).row.pk,
        "lane_id": number.lane_id, "number_id": number.pk, "template_id": template.pk, "notice_id": notice.pk,
        "company_id": people.company.pk, "entry_id": AuditEntry.objects.get(target=MARK).pk,
        "own_entry_id": AuditEntry.objects.get(target="jefa@nube.example").pk,
    }  # fmt: skip


def _work(people: Cast, delivery: Delivery) -> dict[str, Any]:
    now, company = clock.now(), people.company
    batch = Batch.objects.create(
        company=company, kind=delivery.kind, state=Batch.State.DONE, requested_by=f"user:{people.ana.email}",
        created_at=now, confirmed_at=now, ended_at=now, sent_count=0, unsent_count=0,
    )  # fmt: skip
    message = InboundMessage.objects.create(
        company=company, lane=delivery.lane, provider_id="w1", sender="549341", sender_name=MARK, type="text",
        text=MARK, delivery=delivery, at=now, raw={},
    )  # fmt: skip
    rates.save_rate(
        company=company, category="utility", market="54", currency="USD", price=Decimal("0.026"),
        valid_from=today_in(company), actor="test",
    )  # fmt: skip
    # its PDF isn't there: the page of the PDF is looked at elsewhere
    draft = VoucherDraft.objects.create(
        company=company, kind="sales_invoice", created_by=f"user:{people.ana.email}", file_name=f"{MARK}.pdf",
        staged="nothing.pdf", sha256="0" * 64, size=1,
        reading={"pages": 1, "encrypted": False, "problem": "", "text": "", "qr_text": ""},
    )  # fmt: skip
    saved = SavedFilter.objects.create(
        company=company, user=people.ana, grid="/comprobantes/sales_invoice/", name=MARK, query="q=x"
    )
    return {
        "batch_id": batch.pk, "message_id": message.pk, "saved_id": saved.pk, "draft_id": draft.pk,
        "rate_id": Rate.objects.get(company=company).pk,
    }  # fmt: skip
