"""Every address of the office, from the resolver: a new page is walked too, and free only if it says so here."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from acuse.channels import notices
from acuse.channels.contract import Grade
from acuse.channels.models import WhatsAppTemplate
from acuse.companies import audit, invitations, services
from acuse.companies.models import AuditEntry, Membership, Role, RoleGrant
from acuse.directory.models import CustomerClass
from acuse.kernel import clock
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.offices import acting_as, make_role
from tests.data.scenes import ask, suspend

#: Without having entered: entering, and what links that were mailed open.
PUBLIC = {
    "sign_in", "sign_in_code", "sign_in_again", "passkey_sign_in", "passkey_options", "sign_out", "forgot_password",
    "new_password", "invitation", "invitation_pending",
}  # fmt: skip
#: Of whoever has entered, whatever their roles: the first page, the search of what each may see, one's own account,
#: company and saved filters, and whether a CUIT that is being typed checks, which reads no row.
OWN = {
    "home",
    "find",
    "home_hide_steps",
    "choose_company",
    "saved_filter_save",
    "saved_filter_rename",
    "saved_filter_remove",
    "document_look",
}
OWN_PREFIX = "account"
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


def _is_own(name: str) -> bool:
    return name in OWN or name.startswith(OWN_PREFIX)


def _value(name: str, converter: Any, rows: dict[str, Any]) -> Any:
    if name in rows:
        return rows[name]
    # a kind of row that the scene has none of: its door is tried
    return uuid.UUID(int=1) if type(converter).__name__ == "UUIDConverter" else 1


@pytest.fixture
def rows(people: Cast) -> dict[str, Any]:
    """One row of Ana's company for the arguments of the addresses."""
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
    return WORDS | {
        "voucher_id": voucher.pk, "delivery_id": delivery.pk, "suspension_id": suspend(delivery).pk,
        "party_id": party.pk, "other_id": make_party(people.company, name=f"{MARK} SRL").pk, "contact_id": contact.pk,
        "class_id": CustomerClass.objects.create(company=people.company, name=f"{MARK} clase").pk,
        "member_id": Membership.objects.get(user=people.beto).pk, "role_id": role.pk, "user_id": people.beto.pk,
        "key_id": services.new_api_key(company=people.company, role=role, name=f"{MARK} clave", actor="test").row.pk,
        "invitation_id": invitations.invite(by=ana, email="zzsecreto@sur.example", roles=[role]).row.pk,
        "number_id": number.pk, "template_id": template.pk, "notice_id": notice.pk,
        "company_id": people.company.pk, "entry_id": AuditEntry.objects.get(target=MARK).pk,
    }  # fmt: skip


def url_of(name: str, converters: dict[str, Any], rows: dict[str, Any]) -> str:
    values = {key: _value(key, converter, rows) for key, converter in converters.items()}
    return reverse(f"web:{name}", kwargs=values)


def _answers(client: Client, rows: dict[str, Any], names: Any) -> Iterator[tuple[str, str, Any]]:
    for name, converters in ADDRESSES:
        if name in PUBLIC or not names(name, converters):
            continue
        for method in ("get", "post"):
            yield name, method, getattr(client, method)(url_of(name, converters, rows))


def _state(people: Cast) -> list[tuple[str, str]]:
    return list(AuditEntry.objects.filter(company=people.company).order_by("pk").values_list("event", "target"))


def test_there_is_an_office_to_walk() -> None:
    assert len(ADDRESSES) > 100
    names = {name for name, _ in ADDRESSES}
    assert names >= PUBLIC
    assert names >= OWN


def test_who_has_not_entered_is_sent_to_enter(people: Cast, rows: dict[str, Any], client: Client) -> None:
    before = _state(people)
    wrong = [
        (name, method, response.status_code)
        for name, method, response in _answers(client, rows, lambda *_: True)
        if not (
            response.status_code in (404, 405)
            or (response.status_code == 302 and response["Location"].startswith("/ingresar/?next="))
        )
    ]
    assert wrong == []
    assert _state(people) == before


def test_a_role_without_any_action_gets_nothing(people: Cast, rows: dict[str, Any], beto: Client) -> None:
    RoleGrant.objects.filter(role=Role.objects.get(company=people.company, name="Consulta")).delete()
    before = _state(people)
    wrong = [
        (name, method, response.status_code)
        for name, method, response in _answers(beto, rows, lambda name, _: not _is_own(name))
        if response.status_code not in (403, 404, 405)
    ]
    assert wrong == []
    assert _state(people) == before
    assert MARK not in beto.get("/").content.decode()


def test_another_companys_rows_are_nowhere(people: Cast, rows: dict[str, Any], carla: Client) -> None:
    """Carla holds everything in her company: what is of no row is hers, and shows nothing of Ana's."""
    before = _state(people)
    wrong, shown = [], []
    for name, method, response in _answers(carla, rows, lambda *_: True):
        names_a_row = any(key.endswith("_id") for key in dict(ADDRESSES)[name])
        # the account asks who is there again before it looks for the row
        asked = response.status_code == 302 and response["Location"].startswith("/mi-cuenta/confirmar/")
        if names_a_row and not asked and response.status_code not in (403, 404, 405):
            wrong.append((name, method, response.status_code))
        if not response.streaming and MARK.lower() in response.content.decode(errors="replace").lower():
            shown.append((name, method))
    assert wrong == []
    assert shown == []
    assert _state(people) == before
