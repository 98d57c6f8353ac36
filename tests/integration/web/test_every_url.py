"""Every address of the office, from the resolver: a new page is walked too, and free only if it says so here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from acuse.companies.models import AuditEntry, Role, RoleGrant
from tests.conftest import Cast
from tests.data.addresses import ADDRESSES, MARK, make_rows, url_of

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


def _is_own(name: str) -> bool:
    return name in OWN or name.startswith(OWN_PREFIX)


@pytest.fixture
def rows(people: Cast) -> dict[str, Any]:
    return make_rows(people)


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
