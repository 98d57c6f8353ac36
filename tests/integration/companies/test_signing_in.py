from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.apps import apps
from django.conf import settings as configured
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.core import mail as outbox
from django.core.exceptions import ValidationError
from django.core.management import call_command

from acuse.companies import mail
from acuse.companies.identity import second_factor, signing_in
from acuse.companies.models import AuditEntry, Membership, User, UserSession
from acuse.companies.services import CompanyError
from acuse.kernel import clock, totp
from tests.conftest import Cast

OTHER = "otra-clave-9x-larga"


@pytest.fixture
def own_mail(settings: Any) -> None:
    settings.EMAIL_HOST, settings.DEFAULT_FROM_EMAIL = "correo.example", "acuse@oeste.example"


def _open_session(user: User, browser: str = "Firefox en Linux") -> str:
    session = import_module(configured.SESSION_ENGINE).SessionStore()
    session.update(
        {
            SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: "x", HASH_SESSION_KEY: user.get_session_auth_hash(),
            signing_in.SESSION_BROWSER: browser, signing_in.SESSION_ADDRESS: "192.0.2.1",
            signing_in.SESSION_SINCE: 1_790_000_000,
        }
    )  # fmt: skip
    session.save()
    return str(session.session_key)


def _parts(link: str) -> tuple[str, str]:
    uid, token = urlsplit(link).path.rstrip("/").split("/")[-2:]
    return uid, token


def test_each_company_of_the_person_sees_what_happened_and_no_other(people: Cast) -> None:
    Membership.objects.create(user=people.ana, company=people.other_company)
    signing_in.note(people.ana, "sign_in.done", by="password")
    rows = AuditEntry.objects.filter(event="sign_in.done")
    assert {row.company for row in rows} == {people.company, people.other_company}
    assert {(row.actor, row.target) for row in rows} == {("user:ana@oeste.example", "ana@oeste.example")}
    Membership.objects.filter(user=people.ana).update(is_active=False)
    signing_in.note(people.ana, "sign_out", actor="command:x")
    last = AuditEntry.objects.get(event="sign_out")
    assert (last.company, last.actor) == (None, "command:x")


def test_a_password_is_changed_and_the_other_sessions_end(people: Cast) -> None:
    mine, _other, betos = _open_session(people.ana), _open_session(people.ana), _open_session(people.beto)
    signing_in.change_password(people.ana, OTHER, keep_session=mine)
    assert User.objects.get(pk=people.ana.pk).check_password(OTHER)
    assert set(UserSession.objects.values_list("session_key", flat=True)) == {mine, betos}
    assert AuditEntry.objects.get(event="password.changed").detail == {"sessions_ended": 1}


def test_a_poor_password_changes_nothing(people: Cast) -> None:
    _open_session(people.ana)
    with pytest.raises(ValidationError):
        signing_in.change_password(people.ana, "corta", keep_session=None)
    assert UserSession.objects.count() == 1
    assert not AuditEntry.objects.filter(event="password.changed").exists()


def test_the_link_opens_once_and_only_for_an_hour(people: Cast, settings: Any) -> None:
    link = signing_in.password_link(people.ana)
    assert link.startswith(f"{settings.BASE_URL}/ingresar/nueva/")
    uid, token = _parts(link)
    assert signing_in.user_of_link(uid, token) == people.ana
    settings.PASSWORD_RESET_TIMEOUT = -1
    assert signing_in.user_of_link(uid, token) is None
    settings.PASSWORD_RESET_TIMEOUT = 3600
    signing_in.change_password(people.ana, OTHER, keep_session=None)
    assert signing_in.user_of_link(uid, token) is None


def test_a_link_of_one_person_does_not_open_for_another(people: Cast) -> None:
    _, token = _parts(signing_in.password_link(people.ana))
    uid, _ = _parts(signing_in.password_link(people.beto))
    assert signing_in.user_of_link(uid, token) is None
    for wrong in ("", "ñ", "AAAA", "bm8tdXVpZA", "//8"):
        assert signing_in.user_of_link(wrong, token) is None


def test_a_link_made_in_one_company_opens_nothing_once_the_person_is_of_another_too(people: Cast) -> None:
    """The administrator who was shown it would enter the other company with it."""
    uid, token = _parts(signing_in.password_link(people.beto))
    assert signing_in.user_of_link(uid, token) == people.beto
    Membership.objects.create(user=people.beto, company=people.other_company)
    assert signing_in.user_of_link(uid, token) is None
    assert signing_in.user_of_link(*_parts(signing_in.password_link(people.beto))) == people.beto


def test_nor_once_the_person_administers_the_installation(people: Cast) -> None:
    uid, token = _parts(signing_in.password_link(people.beto))
    User.objects.filter(pk=people.beto.pk).update(is_installation_admin=True)
    assert signing_in.user_of_link(uid, token) is None


def test_a_deactivated_person_gets_no_link_and_an_old_one_does_not_open(people: Cast) -> None:
    uid, token = _parts(signing_in.password_link(people.ana))
    people.ana.is_active = False
    people.ana.save()
    assert signing_in.user_of_link(uid, token) is None
    with pytest.raises(CompanyError, match="desactivado"):
        signing_in.send_password_link(people.ana, "user:carla@otra.example")


def test_who_has_yet_to_accept_an_invitation_gets_no_link(people: Cast) -> None:
    people.ana.set_unusable_password()
    people.ana.save()
    with pytest.raises(CompanyError, match="Invitalo de nuevo"):
        signing_in.send_password_link(people.ana, "x")


def test_without_own_mail_the_link_comes_back(people: Cast) -> None:
    link = signing_in.send_password_link(people.ana, "user:carla@otra.example")
    assert link is not None
    assert signing_in.user_of_link(*_parts(link)) == people.ana
    entry = AuditEntry.objects.get(event="password.link_made")
    assert entry.actor == "user:carla@otra.example"
    assert _parts(link)[1] not in str(entry.detail)


@pytest.mark.usefixtures("own_mail")
def test_with_own_mail_it_goes_to_the_person_alone(people: Cast) -> None:
    assert signing_in.send_password_link(people.ana, "x") is None
    (sent,) = outbox.outbox
    assert sent.to == ["ana@oeste.example"]
    assert "/ingresar/nueva/" in sent.body


@pytest.mark.usefixtures("own_mail")
def test_a_mail_that_cannot_leave_gives_the_link_back(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "send", lambda *_: False)
    assert signing_in.send_password_link(people.ana, "x") is not None


def test_what_was_lost_is_taken_away_and_the_sessions_end(people: Cast) -> None:
    key = totp.new_key()
    second_factor.turn_on_app(people.ana, key=key, code=totp.code_of(key, totp.step_at(clock.now())))
    _open_session(people.ana)
    assert signing_in.has_second_factor(people.ana)
    signing_in.reset_second_factor(people.ana, "user:carla@otra.example")
    assert not signing_in.has_second_factor(people.ana)
    assert UserSession.objects.count() == 0
    entry = AuditEntry.objects.get(event="two_factor.off")
    assert (entry.actor, entry.detail["by_administrator"]) == ("user:carla@otra.example", True)


def test_to_take_away_what_there_is_not_does_nothing(people: Cast) -> None:
    signing_in.reset_second_factor(people.ana, "x")
    assert not AuditEntry.objects.filter(event="two_factor.off").exists()


def test_the_open_sessions_are_ones_own_newest_first(people: Cast) -> None:
    first, second = _open_session(people.ana), _open_session(people.ana, "Chrome en Android")
    _open_session(people.beto)
    found = signing_in.sessions_of(people.ana)
    assert {one.key for one in found} == {first, second}
    assert {(one.address, one.browser) for one in found} == {
        ("192.0.2.1", "Firefox en Linux"), ("192.0.2.1", "Chrome en Android"),
    }  # fmt: skip
    assert signing_in.end_other_sessions(people.ana, second) == 1
    assert [one.key for one in signing_in.sessions_of(people.ana)] == [second]
    assert signing_in.end_other_sessions(people.ana, second) == 0
    assert AuditEntry.objects.filter(event="sessions.ended").count() == 1


def test_ones_sessions_are_found_without_reading_anybody_elses(people: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = _open_session(people.ana)
    for _ in range(3):
        _open_session(people.beto)
    read: list[str] = []
    decode = UserSession.get_decoded

    def noted(row: UserSession) -> Any:
        read.append(row.session_key)
        return decode(row)

    monkeypatch.setattr(UserSession, "get_decoded", noted)
    assert [one.key for one in signing_in.sessions_of(people.ana)] == [mine]
    assert signing_in.end_sessions(people.ana) == 1
    assert read == [mine]
    assert UserSession.objects.count() == 3


def test_a_session_that_ended_is_nobodys_and_is_cleared(people: Cast) -> None:
    _open_session(people.ana)
    UserSession.objects.update(expire_date=clock.now() - timedelta(seconds=1))
    assert signing_in.sessions_of(people.ana) == []
    assert signing_in.end_sessions(people.ana) == 0
    call_command("clearsessions")
    assert not UserSession.objects.exists()


def test_sessions_that_were_open_before_the_column_go_on(people: Cast) -> None:
    """The migration moves them as they are: who was inside stays inside."""
    key = _open_session(people.ana)
    row = UserSession.objects.get()
    for name, fields in ((key, {}), ("vencida", {"expire_date": clock.now() - timedelta(days=1)})):
        Session.objects.create(
            **{"session_key": name, "session_data": row.session_data, "expire_date": row.expire_date, **fields}
        )
    row.delete()
    import_module("acuse.companies.migrations.0010_user_sessions").move(apps, None)
    moved = UserSession.objects.get()
    assert (moved.session_key, moved.user) == (key, people.ana)
    assert signing_in.sessions_of(people.ana)[0].browser == "Firefox en Linux"
    assert not Session.objects.exists()
