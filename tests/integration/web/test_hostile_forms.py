"""Every form of every page, filled in with what nobody types: it may be refused, and never breaks the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import cycle
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.http import QueryDict
from django.test import Client

from acuse.companies.identity import signing_in
from acuse.companies.membership import invitations
from acuse.companies.models import Role
from tests.conftest import Cast
from tests.data.addresses import ADDRESSES, url_of
from tests.data.offices import acting_as
from tests.integration.web.test_every_url import rows

__all__ = ["rows"]

NASTY = [
    "", "-1", "9" * 19, "1e400", "²", "x" * 5000, "9999-12-31", "\r\nBcc: x@otro.example",
    "00000000-0000-0000-0000-000000000001", "<script>alert(1)</script>{{ 7 }}{% load x %}\u202e\u200b\ufeff😀",
    # as long as an address may be, and longer than most columns
    f"{'a' * 64}@{'b' * 63}.{'c' * 63}.{'d' * 63}.{'e' * 40}.example",
]  # fmt: skip
#: Fields of a form that gets each of them in its first one.
FEW = 4
#: It ends the session.
SIGN_OUT = "/salir/"
TOKEN = "csrfmiddlewaretoken"


@dataclass
class Form:
    path: str
    method: str
    names: list[str] = field(default_factory=list)


class Forms(HTMLParser):
    """The forms of a page; what is only chosen counts as a field too, the token that Django reads doesn't."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url, self.found = url, list[Form]()
        self._open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            target = urlsplit(urljoin(self.url, given.get("action") or "")).path
            self.found.append(Form(target, (given.get("method") or "get").lower()))
            self._open = True
        elif self._open and given.get("type") != "file" and given.get("name") not in (None, "", TOKEN):
            self.found[-1].names.append(str(given["name"]))

    def handle_endtag(self, tag: str) -> None:
        self._open = self._open and tag != "form"


def _forms(client: Client, paths: Iterator[str]) -> Iterator[Form]:
    seen = set()
    for path in paths:
        with _undone():
            answer = client.get(path)
        if answer.streaming or answer.status_code != 200 or "html" not in answer["Content-Type"]:
            continue
        reader = Forms(path)
        reader.feed(answer.content.decode())
        for form in reader.found:
            key = (form.path, form.method, *form.names)
            if form.path != SIGN_OUT and key not in seen:
                seen.add(key)
                yield form


class _undone(transaction.Atomic):
    """What happens inside hasn't happened."""

    def __init__(self) -> None:
        super().__init__(using=None, savepoint=True, durable=False)

    def __exit__(self, *raised: Any) -> None:
        if raised[0] is None:
            transaction.set_rollback(True)
        super().__exit__(*raised)


def _try(client: Client, form: Form) -> Iterator[tuple[str, str, str]]:
    """(path, what was typed, what broke)."""
    # a button alone is pressed once; beside each other and in turn, what is refused at once doesn't hide the next
    step = 1 if len(form.names) < FEW else 3
    for first in range(0, len(NASTY), step) if form.names else (0,):
        data, nasty = QueryDict(mutable=True), NASTY[first]
        for name, text in zip(form.names, cycle(NASTY[first:] + NASTY[:first]), strict=False):
            data.appendlist(name, text)
        with _undone():
            if form.method == "get":
                answer = client.get(f"{form.path}?{data.urlencode()}")
            else:
                kind = "application/x-www-form-urlencoded"
                answer = client.post(form.path, data.urlencode(), content_type=kind)
        if answer.status_code >= 500:
            yield form.path, nasty[:30], str(answer.status_code)
        elif not answer.streaming and "<script>alert" in answer.content.decode(errors="replace"):
            yield form.path, nasty[:30], "script"


def _broken(client: Client, paths: Iterator[str]) -> list[tuple[str, str, str]]:
    # a page that breaks is an answer here, as it is for a browser
    client.raise_request_exception = False
    forms = list(_forms(client, paths))
    assert forms
    return [broken for form in forms for broken in _try(client, form)]


@pytest.mark.timeout(600)
def test_no_form_of_the_office_breaks(people: Cast, rows: dict[str, Any], ana: Client) -> None:
    people.ana.is_installation_admin = True
    people.ana.save()
    assert _broken(ana, (url_of(name, converters, rows) for name, converters in ADDRESSES)) == []


def test_no_form_breaks_for_who_has_not_entered(people: Cast, client: Client, settings: LazySettings) -> None:
    settings.EMAIL_HOST = "localhost"
    role = Role.objects.get(company=people.company, name="Consulta")
    invited = invitations.invite(by=acting_as(people.ana, people.company), email="nuevo@oeste.example", roles=[role])
    link = urlsplit(signing_in.password_link(people.beto)).path
    pages = ("/ingresar/", "/ingresar/olvide/", f"/invitacion/{invited.token}/", link)
    assert _broken(client, iter(pages)) == []
