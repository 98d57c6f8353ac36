"""Every page that the resolver knows, looked at: a new page is walked too, or says here why it can't be.

What no GET opens as a page (forms that are only sent, files, fragments, ways on to another page) is told by its answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import APIResponse, Page, expect

from acuse.companies.membership import invitations
from acuse.companies.models import Role, User
from tests.browser.conftest import sign_in
from tests.browser.looks import look
from tests.conftest import Cast
from tests.data.addresses import ADDRESSES, make_rows, url_of
from tests.data.offices import acting_as

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]

#: Those that show something only when asked for something.
QUERIES = {"voucher_send": "id={voucher_id}", "deliveries_many": "id={delivery_id}", "find": "q=zzsecreto"}
#: Seen without having entered.
OUTSIDE = {"sign_in", "forgot_password", "new_password", "invitation", "sign_in_code", "sign_in_again"}
#: Pages of rows that the walk has none of; each is looked at by the test named.
ELSEWHERE = {
    "account_passkey": "test_accounts",
    "account_passkey_remove": "test_accounts",
    "account_two_factor_off": "test_accounts",
    "account_codes": "test_accounts",
    "invitation_pending": "test_security",
    "company_logo": "test_security",
    "voucher_draft_pdf": "test_voucher",
}
#: Those that another walk looks at, with richer rows, and the picture that it takes of each; here they are only opened.
RICHER = {
    "test_pages": {
        "home": "inicio", "voucher_grid": "grilla", "voucher_send": "enviar-pregunta",
        "voucher": "comprobante-no-se-entrego", "delivery_cancel": "cancelar",
        "delivery_send_again": "volver-a-enviar", "deliveries": "envios",
    },
    "test_security": {
        "users": "usuarios", "user_invite": "usuario-invitar", "user": "usuario",
        "user_deactivate": "usuario-desactivar", "roles": "roles", "role_create": "rol-crear",
        "grants": "acciones", "installation": "instalacion",
        "installation_company_create": "instalacion-crear", "installation_users": "instalacion-usuarios",
        "automatic_service": "automatico", "automatic_service_switch": "automatico-activar",
    },
    "test_directory": {
        "party_grid": "clientes", "party_new": "cliente-nuevo", "party": "cliente", "party_merge": "cliente-unir",
        "party_merge_with": "cliente-unir-dos", "contacts": "cliente-contactos", "contact_edit": "contacto-editar",
        "contact_delete": "contacto-borrar", "contact_suppress": "contacto-baja", "contact_restore": "contacto-volver",
        "party_set_class": "clientes-clase", "customer_classes": "clases", "customer_class_new": "clase-nueva",
    },
}  # fmt: skip
#: Those that lead elsewhere until their moment comes, and who puts them there; None: they are only a way on.
LEADS_ON = {
    "contact_restore": "test_directory", "party_set_class": "test_directory", "party_delete": "test_questions",
    "installation_company_invite": "test_questions", "whatsapp_move_queue": "test_questions",
    "whatsapp_template_accept": "test_questions", "whatsapp_template_use": "test_whatsapp_steps", "whatsapp": None,
}  # fmt: skip
#: So many tests share them: each page is looked at four times.
PARTS = 4


@pytest.fixture
def rows(cast: Cast) -> dict[str, Any]:
    User.objects.filter(pk=cast.ana.pk).update(is_installation_admin=True)
    return make_rows(cast)


def _answers(page: Page, rows: dict[str, Any], part: int) -> Iterator[tuple[str, str, APIResponse]]:
    for name, converters in ADDRESSES[part::PARTS]:
        if name in OUTSIDE or name in ELSEWHERE:
            continue
        query = QUERIES.get(name, "").format_map(rows)
        url = url_of(name, converters, rows) + (f"?{query}" if query else "")
        yield name, url, page.request.get(url, max_redirects=0)


def _is_page(answer: APIResponse) -> bool:
    html = answer.headers.get("content-type", "").startswith("text/html")
    return answer.status == 200 and html and "<html" in answer.text()


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_looks_right(cast: Cast, rows: dict[str, Any], page: Page, part: int) -> None:
    sign_in(page)
    seen, closed, faults = [], [], []
    for name, url, answer in _answers(page, rows, part):
        if _is_page(answer):
            seen.append(name)
            faults += _faults(page, name, url)
        elif answer.status not in (200, 204, 405) and not (answer.status == 302 and name in LEADS_ON):
            closed.append((name, answer.status))
    assert faults == []
    assert closed == [], "the scene has no row for these, or they broke"
    assert len(seen) > 5


def test_what_is_looked_at_elsewhere_is_still_a_page() -> None:
    elsewhere = ELSEWHERE.keys() | LEADS_ON.keys() | set().union(*RICHER.values())
    assert elsewhere <= {name for name, _ in ADDRESSES}
    for module, pictures in RICHER.items():
        source = Path(__file__).with_name(f"{module}.py").read_text()
        assert [picture for picture in pictures.values() if f'"{picture}"' not in source] == [], module


def _faults(page: Page, name: str, url: str) -> list[str]:
    """Of one page; the others are looked at all the same."""
    page.goto(url)
    try:
        expect(page.locator("h1")).to_have_count(1)
        assert page.title().endswith(" · Acuse"), f"{name} has no title"
        if not any(name in looked_at for looked_at in RICHER.values()):
            look(page, f"pagina-{name}")
    except AssertionError as fault:
        return [f"{name}: {fault}"]
    return []


def test_every_page_of_who_has_not_entered_looks_right(cast: Cast, page: Page) -> None:
    role = Role.objects.get(company=cast.company, name="Consulta")
    made = invitations.invite(by=acting_as(cast.ana, cast.company), email="dora@sur.example", roles=[role])
    for name, path in {
        "sign_in": "/ingresar/",
        "forgot_password": "/ingresar/olvide/",
        "new_password": "/ingresar/nueva/x/y/",
        "invitation": f"/invitacion/{made.token}/",
    }.items():
        page.goto(path)
        look(page, f"pagina-{name}")
