from __future__ import annotations

from typing import Any, cast

import pytest
from django.db import connection
from django.http import StreamingHttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from acuse.companies.models import AuditEntry, Role, RoleGrant
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries import merging
from acuse.deliveries.models import DeliveryPolicy, InboundMessage
from acuse.directory import optout
from acuse.directory.models import CustomerClass, Party
from acuse.directory.parties import fingerprint
from acuse.kernel import clock
from tests.conftest import Cast
from tests.data.cast import MOBILE, make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask

pytestmark = pytest.mark.django_db
GRID = "/tablas/clientes/"


def _names(client: Client, **query: Any) -> list[str]:
    response = client.get(GRID, query)
    assert response.status_code == 200
    return [row.name for row in response.context["grid"].rows]


def _page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200, url
    return response.content.decode()


def _only_view(role: str, people: Cast, *extra: tuple[Page, Action]) -> None:
    found = Role.objects.get(company=people.company, name=role)
    RoleGrant.objects.bulk_create([RoleGrant(role=found, page=page, action=action) for page, action in extra])


@pytest.mark.parametrize(("slug", "kind"), [("clientes", "customer"), ("proveedores", "supplier"), ("bancos", "bank")])
def test_each_grid_shows_its_own_kind(people: Cast, ana: Client, slug: str, kind: str) -> None:
    assert "Todavía no hay" in _page(ana, f"/tablas/{slug}/")
    for each in ("customer", "supplier", "bank"):
        make_party(people.company, kind=each, name=f"Uno {each}")
    response = ana.get(f"/tablas/{slug}/")
    assert [row.name for row in response.context["grid"].rows] == [f"Uno {kind}"]
    assert "Editar contactos envío comprobantes" in response.content.decode()


@pytest.mark.parametrize(
    "text",
    ["libreria nandu", "30-00000000-7", "30000000007", "C-77", "tesoreria", "maria@nandu", "0341 15 555-0199",
     "555-0199", "+54 9 341 555 0199"],
)  # fmt: skip
def test_it_finds_by_everything_people_know_of_a_customer(people: Cast, ana: Client, text: str) -> None:
    party = make_party(people.company, name="Librería El Ñandú", tax_id="30000000007", external_id="C-77")
    make_contact(party, name="Tesorería", email="maria@nandu.example")
    make_contact(make_party(people.company, name="Otra"), mobile="+5491123456789", name="Compras")
    assert _names(ana, q=text) == ["Librería El Ñandú"]


def test_it_filters_by_class_contacts_problems_baja_and_duplicates(people: Cast, ana: Client) -> None:
    wholesale = CustomerClass.objects.create(company=people.company, name="Mayoristas")
    make_party(people.company, name="Sin nadie", customer_class=wholesale)
    broken = make_contact(make_party(people.company, name="No llega"), mobile="+5493415550101")
    type(broken).objects.filter(pk=broken.pk).update(mobile_problem="No tiene WhatsApp.")
    out = make_contact(make_party(people.company, name="De baja"), mobile="+5493415550102")
    optout.suppress([out], reason="Pidió la baja", actor="t")
    for name in ("Repetida", "REPETIDA"):
        make_contact(make_party(people.company, name=name), mobile=f"+549341555{len(name):02}{ord(name[1]):02}")
    assert _names(ana, customer_class=str(wholesale.pk)) == ["Sin nadie"]
    assert "Sin nadie" not in _names(ana, customer_class="none")
    assert _names(ana, contacts="without") == ["Sin nadie"]
    assert len(_names(ana, contacts="with")) == 4
    assert _names(ana, contacts="problem") == ["No llega"]
    assert _names(ana, contacts="suppressed") == ["De baja"]
    assert {name.lower() for name in _names(ana, duplicates="on")} == {"repetida"}
    assert "BAJA" in _page(ana, f"{GRID}?contacts=suppressed")


def test_it_sorts_by_name_without_accents_and_by_class(people: Cast, ana: Client) -> None:
    first = CustomerClass.objects.create(company=people.company, name="Alfa")
    make_party(people.company, name="zeta", customer_class=first)
    make_party(people.company, name="Álamo")
    assert _names(ana) == ["Álamo", "zeta"]
    assert _names(ana, sort="-name") == ["zeta", "Álamo"]
    assert _names(ana, sort="-customer_class") == ["zeta", "Álamo"]


def test_the_queries_of_the_grid_do_not_grow_with_its_rows(people: Cast, ana: Client) -> None:
    make_contact(make_party(people.company, name="Uno"))
    ana.get(GRID)
    with CaptureQueriesContext(connection) as few:
        ana.get(GRID)
    for number in range(12):
        party = make_party(people.company, name=f"Otro {number}")
        make_contact(party, mobile=f"+54934155502{number:02}")
    with CaptureQueriesContext(connection) as many:
        ana.get(GRID)
    assert len(many) == len(few)


def test_it_exports_each_party_with_its_contacts(people: Cast, ana: Client, beto: Client) -> None:
    party = make_party(people.company, name="=peligro()", tax_id="30000000007")
    make_contact(party, email="a@b.example")
    answer = ana.get(GRID, {"export": "csv"})
    text = b"".join(cast(StreamingHttpResponse, answer)).decode("utf-8-sig")
    assert "'=peligro()" in text
    assert "30-00000000-7" in text
    assert MOBILE in text
    assert beto.get(GRID, {"export": "csv"}).status_code == 403


def test_a_tombstone_is_nowhere_and_its_page_leads_to_the_survivor(people: Cast, ana: Client) -> None:
    kept, gone = make_party(people.company, name="Queda"), make_party(people.company, name="Se fue")
    merging.merge(duplicate=gone, into=kept, actor="t")
    assert _names(ana) == ["Queda"]
    found = ana.get(f"{GRID}opciones/", {"q": "fue"}).json()
    assert found == {"results": []}
    assert ana.get(f"{GRID}{gone.pk}/")["Location"] == f"{GRID}{kept.pk}/"
    for what in ("editar", "borrar", "unir", "contactos", "contactos/nuevo"):
        assert ana.get(f"{GRID}{gone.pk}/{what}/").status_code == 404
    assert "Se fue" in _page(ana, f"{GRID}{kept.pk}/"), "as a merged duplicate"


def test_the_options_of_a_select_are_the_companys_own(people: Cast, ana: Client, carla: Client) -> None:
    party = make_party(people.company, name="Ñandú", tax_id="30000000007", external_id="C1")
    assert ana.get(f"{GRID}opciones/", {"q": "nandu"}).json() == {
        "results": [{"id": str(party.pk), "text": "Ñandú", "note": "30-00000000-7 · C1"}]
    }
    assert carla.get(f"{GRID}opciones/", {"q": "nandu"}).json() == {"results": []}


def test_the_options_need_the_page(people: Cast, beto: Client) -> None:
    RoleGrant.objects.filter(role__name="Consulta").exclude(page=Page.SUPPLIERS).delete()
    assert beto.get("/tablas/proveedores/opciones/").status_code == 200
    assert beto.get("/tablas/clientes/opciones/").status_code == 403


def test_a_party_is_created_with_a_class_made_in_place(people: Cast, ana: Client) -> None:
    given = {"name": "Norte SRL", "tax_id": "30-00000000-7", "external_id": "C1", "customer_class": "Mayoristas"}
    answer = ana.post(f"{GRID}nuevo/", given)
    party = Party.objects.get(name="Norte SRL")
    assert answer["Location"] == f"{GRID}{party.pk}/"
    assert (party.tax_id, party.tax_id_type, str(party.customer_class)) == ("30000000007", 80, "Mayoristas")
    assert AuditEntry.objects.filter(event="party.created", actor="user:ana@oeste.example").exists()
    form = _page(ana, f"{GRID}{party.pk}/editar/")
    assert 'value="30-00000000-7"' in form


def test_a_refusal_links_to_who_has_the_cuit_and_makes_no_class(people: Cast, ana: Client) -> None:
    holder = make_party(people.company, name="La de siempre <b>", tax_id="30000000007")
    text = ana.post(
        f"{GRID}nuevo/", {"name": "Otra", "tax_id": "30000000007", "customer_class": "Nueva"}
    ).content.decode()
    assert f'<a href="{GRID}{holder.pk}/">Abrir La de siempre &lt;b&gt;</a>' in text
    assert not CustomerClass.objects.exists(), "all of it or nothing"
    assert Party.objects.count() == 1


def test_without_the_action_a_class_is_chosen_and_not_made(people: Cast, beto: Client) -> None:
    _only_view("Consulta", people, (Page.CUSTOMERS, Action.CREATE))
    text = beto.post(f"{GRID}nuevo/", {"name": "Otra", "customer_class": "Nueva"}).content.decode()
    assert "No hay una clase «Nueva»" in text
    assert not CustomerClass.objects.exists()


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("30000000007", "30-00000000-7"), ("dni 12345678", "12.345.678"), ("30-00000000-8", "no coincide"), ("", "")],
)
def test_the_document_is_shown_back_while_typing(people: Cast, ana: Client, typed: str, shown: str) -> None:
    assert shown in ana.get("/tablas/documento/", {"tax_id": typed}).content.decode()


def test_the_page_of_a_party_tells_its_work_and_its_history(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    party = make_party(people.company)
    contact = make_contact(party)
    voucher = make_voucher(people.company, party)
    ask([voucher])
    optout.suppress([contact], reason="Escribió BAJA", actor="system:hook")
    ana.post(f"{GRID}{party.pk}/editar/", {"name": "Norte SA", "seen": fingerprint(party)})
    text = _page(ana, f"{GRID}{party.pk}/")
    assert f"/comprobantes/sales_invoice/{voucher.pk}/" in text
    assert "En cola" in text
    assert "BAJA" in text
    assert "Escribió BAJA" in text
    assert "el nombre: «Almacén Norte SRL» → «Norte SA»" in text
    assert "· Acuse" in text or "Acuse</" in text


def test_only_the_kinds_that_the_role_may_see_are_on_the_page(people: Cast, beto: Client) -> None:
    party = make_party(people.company)
    voucher = make_voucher(people.company, party)
    RoleGrant.objects.filter(role__name="Consulta", page=Page.SALES_INVOICE).delete()
    assert voucher.title not in _page(beto, f"{GRID}{party.pk}/")


def test_the_class_of_many_is_set_with_one_confirmation(people: Cast, ana: Client) -> None:
    wholesale = CustomerClass.objects.create(company=people.company, name="Mayoristas")
    chosen = [make_party(people.company, name=f"Uno {n}") for n in range(2)]
    other = make_party(people.company, name="Otro")
    url, both = f"{GRID}clase/", {"id": [str(party.pk) for party in chosen]}
    assert "Cambiar la clase de 2 clientes" in ana.get(url, both).content.decode()
    asked = ana.post(url, {**both, "preguntar": "1"}).content.decode()
    assert "Cambiar la clase de 2 clientes" in asked
    assert "is-invalid" not in asked
    ana.post(url, {**both, "customer_class": str(wholesale.pk)})
    assert set(wholesale.parties.all()) == set(chosen)
    every = {"all": "1", "company": str(people.company.pk)}
    ana.post(url, {**every, "filtros": "q=otro", "customer_class": str(wholesale.pk)})
    other.refresh_from_db()
    assert other.customer_class == wholesale
    ana.post(url, {**every, "filtros": "", "customer_class": ""})
    assert not wholesale.parties.exists()


def test_the_class_of_another_company_is_not_set_nor_to_anothers_customer(people: Cast, ana: Client) -> None:
    foreign = CustomerClass.objects.create(company=people.other_company, name="Ajena")
    party, stranger = make_party(people.company), make_party(people.other_company)
    assert ana.post(f"{GRID}clase/", {"id": str(stranger.pk), "customer_class": ""}).status_code == 404
    text = ana.post(f"{GRID}clase/", {"id": str(party.pk), "customer_class": str(foreign.pk)}).content.decode()
    assert "is-invalid" in text
    party.refresh_from_db()
    assert party.customer_class is None
    assert ana.get("/tablas/proveedores/clase/").status_code == 404
    assert ana.get(f"{GRID}clase/?id=cualquiera").status_code == 404


def test_deleting_says_what_hangs_and_asks_once(people: Cast, ana: Client) -> None:
    party = make_party(people.company)
    make_contact(party)
    answer = ana.get(f"{GRID}{party.pk}/borrar/", follow=True).content.decode()
    assert "tiene 1 contacto" in answer
    ana.post(f"{GRID}{party.pk}/borrar/")
    assert Party.objects.filter(pk=party.pk).exists()
    free = make_party(people.company, name="Suelto")
    assert "¿Borrar Suelto?" in _page(ana, f"{GRID}{free.pk}/borrar/")
    ana.post(f"{GRID}{free.pk}/borrar/")
    assert not Party.objects.filter(pk=free.pk).exists()


def test_merging_shows_both_and_says_that_it_is_for_good(people: Cast, ana: Client) -> None:
    kept = make_party(people.company, name="Norte SRL", external_id="C1")
    gone = make_party(people.company, name="norte srl", external_id="C2", tax_id="30000000007")
    assert f"{GRID}{kept.pk}/unir/{gone.pk}/" in _page(ana, f"{GRID}{kept.pk}/")
    assert f"{GRID}{kept.pk}/unir/{gone.pk}/" in _page(ana, f"{GRID}{kept.pk}/unir/")
    went = ana.get(f"{GRID}{kept.pk}/unir/", {"other": str(gone.pk)})
    assert went["Location"] == f"{GRID}{kept.pk}/unir/{gone.pk}/"
    text = _page(ana, f"{GRID}{kept.pk}/unir/{gone.pk}/")
    assert "No se puede deshacer" in text
    assert "30-00000000-7" in text
    ana.post(f"{GRID}{kept.pk}/unir/{gone.pk}/")
    gone.refresh_from_db()
    assert gone.merged_into == kept
    assert ana.get(f"{GRID}{kept.pk}/unir/{kept.pk}/").status_code == 404
    assert ana.get(f"{GRID}{kept.pk}/unir/?other=nada").status_code == 404


@pytest.mark.parametrize(("slug", "kind"), [("clientes", "customer"), ("proveedores", "supplier"), ("bancos", "bank")])
def test_two_that_are_ticked_in_any_grid_are_compared_with_the_older_one_kept(
    people: Cast, ana: Client, slug: str, kind: str
) -> None:
    first, second, third = (make_party(people.company, kind=kind, name=f"Uno {n}") for n in range(3))
    grid = f"/tablas/{slug}/"
    assert f'formaction="{grid}unir/" data-selection-two>Unir los dos</button>' in _page(ana, grid)
    both = {"id": [str(second.pk)], "ids": str(first.pk), "company": str(people.company.pk)}
    assert ana.post(f"{grid}unir/", both)["Location"] == f"{grid}{first.pk}/unir/{second.pk}/"
    for ids in ([], [first], [first, second, third]):
        answer = ana.post(f"{grid}unir/", {"id": [str(one.pk) for one in ids]}, follow=True)
        assert answer.redirect_chain == [(grid, 302)]
        assert f"Para unir hay que elegir dos {slug}" in answer.content.decode()
    assert not Party.objects.exclude(merged_into=None).exists()


def test_two_are_not_compared_by_who_may_not_merge_nor_with_anothers(people: Cast, ana: Client, beto: Client) -> None:
    ours, more = make_party(people.company), make_party(people.company, name="Otro")
    theirs = make_party(people.other_company, name="De otra empresa")
    assert ana.post(f"{GRID}unir/", {"id": [str(ours.pk), str(theirs.pk)]}).status_code == 404
    _only_view("Consulta", people, (Page.CUSTOMERS, Action.EDIT))
    both = {"id": [str(ours.pk), str(more.pk)]}
    assert beto.post(f"{GRID}unir/", both).status_code == 403
    text = _page(beto, GRID)
    assert "Unir los dos" not in text
    assert "Cambiar la clase" in text
    RoleGrant.objects.filter(action=Action.EDIT, page=Page.CUSTOMERS, role__name="Consulta").delete()
    _only_view("Consulta", people, (Page.CUSTOMERS, Action.VOID))
    text = _page(beto, GRID)
    assert "Unir los dos" in text
    assert "Cambiar la clase" not in text
    assert beto.post(f"{GRID}unir/", both).status_code == 302


def test_who_was_merged_into_another_is_not_counted_among_those_of_a_class(people: Cast, ana: Client) -> None:
    wholesale = CustomerClass.objects.create(company=people.company, name="Mayoristas")
    kept = make_party(people.company, name="Almacén Norte", customer_class=wholesale)
    make_party(people.company, name="Almacen Norte SRL", customer_class=wholesale, merged_into=kept)
    assert "1 cliente</a>" in _page(ana, "/tablas/clases-de-cliente/")
    text = _page(ana, f"/tablas/clases-de-cliente/{wholesale.pk}/borrar/")
    assert "Un cliente queda sin clase: Almacén Norte." in text


def test_classes_are_listed_with_who_uses_them(people: Cast, ana: Client) -> None:
    assert "Todavía no hay clases" in _page(ana, "/tablas/clases-de-cliente/")
    ana.post("/tablas/clases-de-cliente/nueva/", {"name": "Mayoristas"})
    wholesale = CustomerClass.objects.get()
    make_party(people.company, customer_class=wholesale)
    DeliveryPolicy.objects.get(company=people.company, kind="quote").segment.add(wholesale)
    text = _page(ana, "/tablas/clases-de-cliente/")
    assert "1 cliente</a>" in text
    assert "la usa Presupuestos" in text
    refused = ana.get(f"/tablas/clases-de-cliente/{wholesale.pk}/borrar/", follow=True).content.decode()
    assert "la usa la configuración de envío de Presupuestos" in refused
    ana.post(f"/tablas/clases-de-cliente/{wholesale.pk}/borrar/")
    assert CustomerClass.objects.filter(pk=wholesale.pk).exists()
    DeliveryPolicy.objects.get(company=people.company, kind="quote").segment.clear()
    assert "Almacén Norte SRL" in _page(ana, f"/tablas/clases-de-cliente/{wholesale.pk}/borrar/")
    ana.post(f"/tablas/clases-de-cliente/{wholesale.pk}/editar/", {"name": "Zona sur"})
    wholesale.refresh_from_db()
    assert wholesale.name == "Zona sur"
    ana.post(f"/tablas/clases-de-cliente/{wholesale.pk}/borrar/")
    assert not CustomerClass.objects.exists()


def _addresses(people: Cast) -> tuple[list[str], list[str]]:
    """What needs only *Ver*, and what needs more."""
    party = make_party(people.company, external_id="C1")
    other = make_party(people.company, name="Otro")
    contact = make_contact(party)
    made = CustomerClass.objects.create(company=people.company, name="Mayoristas")
    own = f"{GRID}{party.pk}/"
    seen = [own, f"{own}contactos/"]
    done = [
        f"{own}editar/", f"{own}borrar/", f"{own}unir/", f"{own}unir/{other.pk}/", f"{own}contactos/nuevo/",
        f"{own}contactos/celular/", f"{own}contactos/{contact.pk}/", f"{own}contactos/{contact.pk}/borrar/",
        f"{own}contactos/{contact.pk}/baja/", f"{own}contactos/{contact.pk}/volver/",
        f"/tablas/clases-de-cliente/{made.pk}/editar/", f"/tablas/clases-de-cliente/{made.pk}/borrar/",
    ]  # fmt: skip
    return seen, done


def test_another_companys_rows_do_not_exist_whatever_is_asked(people: Cast, carla: Client) -> None:
    seen, done = _addresses(people)
    before = _state_of(people)
    for url in (*seen, *done):
        assert carla.get(url).status_code == 404, url
        assert carla.post(url, {"name": "x", "reason": "x"}).status_code in (404, 405), url
    assert _state_of(people) == before
    assert "Todavía no hay" in _page(carla, GRID)
    assert "Mayoristas" not in _page(carla, "/tablas/clases-de-cliente/")


def test_who_may_only_look_sees_no_button_and_is_refused_by_address(people: Cast, beto: Client) -> None:
    seen, done = _addresses(people)
    before = _state_of(people)
    for url in (GRID, "/tablas/clases-de-cliente/", *seen):
        text = _page(beto, url)
        for word in ("Editar", "Borrar", "Crear", "Crear cliente", "Crear clase", "Unir", "Dar de baja"):
            assert f">{word}" not in text, (url, word)
        assert "Editar contactos" not in text
        assert "data-pick " not in text
    for url in (*done, f"{GRID}nuevo/", f"{GRID}clase/", "/tablas/clases-de-cliente/nueva/"):
        assert beto.get(url).status_code == 403, url
        assert beto.post(url, {"name": "x", "reason": "x"}).status_code in (403, 405), url
    assert _state_of(people) == before


def _state_of(people: Cast) -> list[Any]:
    parties = Party.objects.order_by("pk")
    return [
        list(parties.values_list("pk", "name", "merged_into", "customer_class")),
        [list(party.contacts.order_by("pk").values_list("pk", "mobile", "suppressed_at")) for party in parties],
        list(CustomerClass.objects.order_by("pk").values_list("pk", "name")),
    ]


def test_what_the_party_answered_is_told_in_words_with_its_baja(people: Cast, ana: Client) -> None:
    lane, party = make_whatsapp(people.company), make_party(people.company)
    contact = make_contact(party)
    for number, (kind, text) in enumerate((("image", "[imagen] el remito"), ("text", "BAJA"))):
        InboundMessage.objects.create(
            company=people.company, lane=lane, provider_id=f"in.{number}", contact=contact, type=kind, text=text,
            opted_out=text == "BAJA", at=clock.now(), raw={},
        )  # fmt: skip
    text = _page(ana, f"{GRID}{party.pk}/")
    answers = text[text.index("Lo que contestó") : text.index("historia")]
    assert "Mandó una imagen:" in answers
    assert "[imagen]" not in answers
    assert answers.count('<span class="tag bad">BAJA</span>') == 1
