"""Notices mailed to who can do something about them, through a real mail server."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import EmailMessage
from typing import Any

import psycopg
import pytest

from acuse.channels import notice_mail, notices
from acuse.channels.contract import Grade
from acuse.channels.models import AccountNotice, Lane
from acuse.companies import mail
from acuse.companies.models import AuditEntry, Company, Role, RoleGrant
from acuse.companies.permissions.pages import Action, Page
from acuse.deliveries import stopped_sending
from acuse.deliveries.models import Suspension
from acuse.kernel import clock
from acuse.workers import telling
from acuse.workers.connection import conninfo
from acuse.workers.own_mail import AGAIN_AFTER
from tests.conftest import Cast
from tests.data.cast import make_mailbox
from tests.data.post_office import Post


@pytest.fixture(scope="module")
def server() -> Iterator[Post]:
    post = Post()
    yield post
    post.close()


@pytest.fixture
def post(server: Post, settings: Any) -> Post:
    server.handler.__init__()  # type: ignore[misc]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server.port
    settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = False, 5
    settings.DEFAULT_FROM_EMAIL = "Acuse <acuse@oeste.example>"
    settings.BASE_URL = "https://acuse.oeste.example"
    return server


def _raise(company: Company, key: str, text: str, grade: Grade = Grade.ERROR) -> AccountNotice:
    step = f"Qué hacer con {key}."
    return notices.put_up(company.pk, key=key, grade=grade, text=text, next_step=step, now=clock.now())


def _to(message: EmailMessage) -> list[str]:
    return [address.addr_spec for address in message["To"].addresses]


def _tell() -> int:
    return telling.tell_waiting({})


def test_what_is_new_goes_in_one_mail_to_who_may_configure(people: Cast, post: Post) -> None:
    _raise(people.company, "account:1:limit", "Podés escribirle primero a 250 personas por día.", Grade.WARNING)
    _raise(people.company, "account:1:token", "El token de WhatsApp ya no vale.")
    assert _tell() == 1
    [message] = post.received()
    # Beto only looks, Carla is of another company
    assert _to(message) == ["ana@oeste.example"]
    assert message["Subject"].strip() == "WhatsApp de Ferretería Oeste SA: 2 avisos"
    text = message.get_content()
    assert text.index("ya no vale") < text.index("250 personas")
    assert "Qué hacer con account:1:token." in text
    assert "https://acuse.oeste.example/administracion/whatsapp/estado/" in text


def test_it_is_told_once_and_again_when_it_changed(people: Cast, post: Post) -> None:
    _raise(people.company, "account:1:token", "Vence el 10/12.")
    assert (_tell(), _tell()) == (1, 0)
    _raise(people.company, "account:1:token", "Vence el 10/12.")
    assert _tell() == 0
    _raise(people.company, "account:1:token", "Vence el 10/12, en menos de 3 días.")
    assert _tell() == 1
    subjects = [message["Subject"].strip() for message in post.received()]
    assert subjects == [
        "WhatsApp de Ferretería Oeste SA: Vence el 10/12.",
        "WhatsApp de Ferretería Oeste SA: Vence el 10/12, en menos de 3 días.",
    ]


def test_its_end_is_told_to_who_knew_of_its_start(people: Cast, post: Post) -> None:
    _raise(people.company, "account:1:token", "El token ya no vale.")
    _tell()
    # of this one nobody was told, nor will be
    _raise(people.company, "account:1:health", "Meta no deja enviar.")
    for key in ("account:1:token", "account:1:health"):
        notices.take_down(people.company.pk, key=key, text="Ya está.", now=clock.now())
    assert (_tell(), _tell()) == (1, 0)
    message = post.received()[-1]
    assert message["Subject"].strip() == "WhatsApp de Ferretería Oeste SA: Se resolvió: El token ya no vale."
    assert "Ya está." in message.get_content()
    assert "no deja enviar" not in message.get_content()


def test_each_company_is_told_of_its_own(people: Cast, post: Post) -> None:
    _raise(people.company, "account:1:token", "Lo de Ana.")
    _raise(people.other_company, "account:2:token", "Lo de Carla.")
    assert _tell() == 2
    told = {tuple(_to(message)): message.get_content() for message in post.received()}
    assert set(told) == {("ana@oeste.example",), ("carla@otra.example",)}
    assert "Lo de Carla." not in told["ana@oeste.example",]
    assert "Lo de Ana." not in told["carla@otra.example",]


def test_what_could_not_go_is_tried_again_and_keeps_no_other_company(people: Cast, post: Post) -> None:
    _raise(people.company, "account:1:token", "Lo de Ana.")
    _raise(people.other_company, "account:2:token", "Lo de Carla.")
    post.handler.rcpt_reply = "550 no such user"
    failed: dict[Any, float] = {}
    assert telling.tell_waiting(failed) == 0
    assert set(failed) == {people.company.pk, people.other_company.pk}
    assert not AccountNotice.objects.exclude(mailed_at=None).exists()
    post.handler.rcpt_reply = None
    # they rest a while first
    assert telling.tell_waiting(failed) == 0
    failed[people.company.pk] -= AGAIN_AFTER
    assert telling.tell_waiting(failed) == 1
    assert [_to(message) for message in post.received()] == [["ana@oeste.example"]]
    failed.clear()
    assert telling.tell_waiting(failed) == 1


def test_with_nobody_to_tell_it_waits_on_the_page(people: Cast, post: Post) -> None:
    RoleGrant.objects.filter(page=Page.PARAMETERS.value, action=Action.CONFIGURE.value).delete()
    _raise(people.company, "account:1:token", "Lo de Ana.")
    assert _tell() == 0
    assert post.received() == []
    role = Role.objects.get(company=people.company, name="Consulta")
    RoleGrant.objects.create(role=role, page=Page.PARAMETERS.value, action=Action.CONFIGURE.value)
    assert _tell() == 1
    assert _to(post.received()[0]) == ["beto@oeste.example"]


@pytest.mark.parametrize("who", ["user", "membership"])
def test_who_was_put_out_is_not_told(people: Cast, post: Post, who: str) -> None:
    thing = people.ana if who == "user" else people.ana.memberships.get(company=people.company)
    thing.is_active = False
    thing.save()
    _raise(people.company, "account:1:token", "Lo de Ana.")
    assert _tell() == 0


def test_without_a_mail_of_the_installation_nothing_is_lost(people: Cast, post: Post, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    _raise(people.company, "account:1:token", "Lo de Ana.")
    assert _tell() == 0
    assert AccountNotice.objects.get().mailed_at is None


def test_one_that_changed_while_it_was_being_mailed_is_mailed_again(people: Cast, post: Post) -> None:
    _raise(people.company, "account:1:token", "Vence el 10/12.")

    def slowly(to: Any, subject: str, text: str) -> None:
        mail.deliver(to, subject, text)
        _raise(people.company, "account:1:token", "Venció.")

    assert notice_mail.tell(slowly, notice_mail.Pages("https://acuse.oeste.example/", "")) == people.company.pk
    assert _tell() == 1
    assert "Venció." in post.received()[-1].get_content()


def test_one_tells_at_a_time_in_the_whole_installation(people: Cast, post: Post) -> None:
    _raise(people.company, "account:1:token", "Lo de Ana.")
    with psycopg.connect(conninfo()) as other:
        other.execute("select pg_advisory_xact_lock(%s)", [notice_mail._LOCK])
        assert _tell() == 0
        other.rollback()
        assert _tell() == 1


@pytest.mark.parametrize(
    ("key", "by_hand"),
    [
        ("account:1:violation", True), ("lane:1:security", True), ("account:1:alert:SOMETHING", True),
        ("account:1:token", False), ("template:1/a/es_AR:status", False), ("mapping:quote", False),
    ],
)  # fmt: skip
def test_a_person_ends_only_what_happened_once(people: Cast, key: str, by_hand: bool) -> None:
    notice = _raise(people.company, key, "Algo pasó.")
    assert notices.attend(notice, actor="user:ana@oeste.example", now=clock.now()) is by_hand
    notice.refresh_from_db()
    assert (notice.cleared_at is not None) is by_hand
    assert AuditEntry.objects.filter(event="notice.attended").count() == int(by_hand)
    # twice is once
    assert notices.attend(notice, actor="user:ana@oeste.example", now=clock.now()) is False


def _stop(lane: Lane) -> Suspension:
    since = clock.now() - stopped_sending.LASTING
    return Suspension.objects.create(
        company=lane.company, scope="lane", key=str(lane.pk), cause_code="smtp.535",
        cause_text="El servidor de correo no aceptó la cuenta.", cause_next_step="Revisá la clave en Parámetros.",
        since=since, probe_at=clock.now(),
    )  # fmt: skip


def test_a_mailbox_that_stands_still_is_mailed_once_and_its_end_too(people: Cast, post: Post) -> None:
    stopped = _stop(make_mailbox(people.company, "smtp://correo.example"))
    for _ in range(2):
        stopped_sending.look_into(now=clock.now())
        stopped_sending.tell(now=clock.now())
        _tell()
    [message] = post.received()
    assert message["Subject"].strip().startswith("Correo de Ferretería Oeste SA: Lo que sale por correo está en pausa")
    text = message.get_content()
    assert "no aceptó la cuenta" in text
    assert "Revisá la clave" in text
    assert "https://acuse.oeste.example/envios/" in text
    assert "estado-de-whatsapp" not in text
    # it isn't WhatsApp's: neither its page nor its menu counts it
    assert list(notices.open_notices(people.company)) == []
    assert not notices.open_errors(people.company).exists()
    Suspension.objects.filter(pk=stopped.pk).update(ended_at=clock.now())
    stopped_sending.tell(now=clock.now())
    assert _tell() == 1
    assert "Los envíos siguen" in post.received()[-1].get_content()


def test_what_stands_still_for_a_moment_is_not_told(people: Cast, post: Post) -> None:
    stopped = _stop(make_mailbox(people.company, "smtp://correo.example"))
    Suspension.objects.filter(pk=stopped.pk).update(since=clock.now())
    stopped_sending.tell(now=clock.now())
    assert _tell() == 0


def test_one_mail_tells_of_both_with_where_to_see_each(people: Cast, post: Post) -> None:
    _stop(make_mailbox(people.company, "smtp://correo.example"))
    stopped_sending.tell(now=clock.now())
    _raise(people.company, "account:1:token", "El token de WhatsApp ya no vale.")
    assert _tell() == 1
    [message] = post.received()
    assert message["Subject"].strip() == "Envíos de Ferretería Oeste SA: 2 avisos"
    assert "/envios/" in message.get_content()
    assert "/estado" in message.get_content()
