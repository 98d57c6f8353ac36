"""Asistente de WhatsApp: opening a page again costs Meta's account no call, and who may only look spends hardly any."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client

from acuse.channels.models import AccountReading, WhatsAppAccount
from acuse.channels.whatsapp import management
from acuse.channels.whatsapp.onboarding import kept
from acuse.channels.whatsapp.onboarding.asking import OnboardingError
from acuse.companies.permissions.pages import Action, Page
from acuse.kernel import clock
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast
from tests.integration.web.whatsapp_steps import BASE, NUMBER, connect, grant, words

PAGES = [f"{BASE}numero/lista/", f"{BASE}numero/?leer=1", f"{BASE}perfil/"]
CHOOSING = f"{BASE}numero/lista/?cambiar=1"
LOOK = (Page.PARAMETERS, Action.VIEW)


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for each time that Meta is asked."""
    made: list[str] = []
    answered: Callable[..., Any] = management.Management._answered

    async def counted(graph: Any, call: Any) -> Any:
        made.append("asked")
        return await answered(graph, call)

    monkeypatch.setattr(management.Management, "_answered", counted)
    return made


def later(by: timedelta) -> None:
    for row in AccountReading.objects.all():
        assert row.tried_at is not None
        row.tried_at -= by
        if row.told_at is not None:
            row.told_at -= by
        row.save()
    # the token was there before
    WhatsAppAccount.objects.update(token_saved_at=F("token_saved_at") - by)


def look(ask: Callable[[], Any], *, max_age: timedelta = kept.FRESH) -> kept.Kept:
    return kept.look(WhatsAppAccount.objects.get(), "numbers:x", max_age=max_age, ask=ask)


@pytest.mark.parametrize("url", [*PAGES, CHOOSING])
def test_opening_a_page_again_asks_nothing(
    people: Cast, ana: Client, meta: SimulatorProcess, calls: list[str], url: str
) -> None:
    connect(people.company)
    first = words(ana.get(url))
    assert calls
    calls.clear()
    assert words(ana.get(url)) == first
    assert not calls
    later(kept.FRESH)
    ana.get(url)
    assert calls


@pytest.mark.parametrize("url", [*PAGES, CHOOSING])
def test_who_may_only_look_sees_what_was_read_and_asks_rarely(
    people: Cast, ana: Client, beto: Client, meta: SimulatorProcess, calls: list[str], url: str
) -> None:
    connect(people.company)
    grant(people.company, LOOK)
    ana.get(url)
    calls.clear()
    later(kept.FRESH * 2)
    assert "Leído de Meta" in words(beto.get(url))
    assert not calls
    later(kept.FOR_ONLOOKERS)
    for _ in range(5):
        beto.get(url)
    assert len(calls) == 1


@pytest.mark.parametrize("url", PAGES)
def test_what_meta_refused_is_not_asked_again_by_opening_the_page(
    people: Cast, beto: Client, meta: SimulatorProcess, calls: list[str], url: str
) -> None:
    connect(people.company)
    grant(people.company, LOOK)
    meta.control("fault", kind="json_500", where="phone_numbers" if "numero" in url else "profile", times=100)
    first = beto.get(url)
    assert 'class="trouble"' in first.content.decode()
    assert "Probar de nuevo :" not in words(first), "no button that would do nothing"
    asked = len(calls)
    assert words(beto.get(url)) == words(first)
    assert len(calls) == asked
    meta.control("fault", clear=True)
    later(kept.FRESH)
    assert "Leído de Meta" in words(beto.get(url)), "it passed, and so it does for who may only look"


def test_what_does_not_pass_is_asked_again_as_rarely_as_an_answer(people: Cast, meta: SimulatorProcess) -> None:
    connect(people.company)
    asked: list[str] = []

    def refuse() -> Any:
        asked.append("asked")
        raise OnboardingError("waba_id", "El token no llega a esa cuenta.")

    for age, times in ((timedelta(0), 1), (kept.FRESH, 1), (kept.FOR_ONLOOKERS, 2)):
        later(age)
        with pytest.raises(OnboardingError, match="no llega"):
            look(refuse, max_age=kept.FOR_ONLOOKERS)
        assert len(asked) == times


@pytest.mark.parametrize(
    ("url", "read"), [(PAGES[0], "numero/leer/"), (PAGES[2], "perfil/leer/"), (CHOOSING, "numero/leer/")]
)
def test_the_button_asks_at_once(
    people: Cast, ana: Client, meta: SimulatorProcess, calls: list[str], url: str, read: str
) -> None:
    connect(people.company)
    ana.get(url)
    calls.clear()
    given = {"numero": NUMBER, **({"cambiar": "1"} if url == CHOOSING else {})}
    page = ana.post(BASE + read, given, follow=True)
    assert page.status_code == 200
    assert calls


@pytest.mark.parametrize("path", ["numero/leer/", "perfil/leer/"])
def test_the_button_is_of_who_may_configure(
    people: Cast, beto: Client, carla: Client, meta: SimulatorProcess, calls: list[str], path: str
) -> None:
    connect(people.company)
    grant(people.company, LOOK)
    assert BASE + path not in beto.get(PAGES[0]).content.decode() + beto.get(PAGES[2]).content.decode()
    calls.clear()
    assert beto.post(BASE + path).status_code == 403
    carla.post(BASE + path, follow=True)
    assert not calls, "a stranger's button is of her own company, which has no account"
    assert AccountReading.objects.exists()
    assert carla.post(f"{BASE}perfil/leer/", {"numero": NUMBER}).status_code == 404


def test_a_change_is_seen_at_once(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    ana.get(PAGES[0])
    answer = ana.post(f"{BASE}numero/agregar/", {"phone": "0341 15 555-0100", "verified_name": "Oeste SA"})
    assert answer.status_code == 302
    assert "5550100" in words(ana.get(PAGES[0]))


def test_another_token_is_asked_with_at_once(people: Cast, ana: Client, meta: SimulatorProcess) -> None:
    connect(people.company)
    meta.control("fault", kind="json_500", where="phone_numbers", times=100)
    assert "Probar de nuevo" in words(ana.get(PAGES[0]))
    meta.control("fault", clear=True)
    WhatsAppAccount.objects.update(token_saved_at=clock.now())
    assert "Conectado" in words(ana.get(PAGES[0]))


def test_while_somebody_reads_another_one_is_told_to_wait(
    people: Cast, ana: Client, meta: SimulatorProcess, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    connect(people.company)

    def as_both(*_: Any, **__: Any) -> Any:
        return look(list)

    # the second one looks while the first one waits for Meta
    with pytest.raises(OnboardingError, match="Se está leyendo"):
        look(as_both)


def test_who_looks_while_somebody_reads_is_told_how_old_it_is(people: Cast, meta: SimulatorProcess) -> None:
    connect(people.company)
    read = look(lambda: ["before"]).at
    later(kept.FRESH)
    seen: list[kept.Kept] = []

    def as_both() -> list[str]:
        seen.append(look(list))
        return ["after"]

    after = look(as_both)
    assert seen == [kept.Kept(["before"], read - kept.FRESH)]
    assert look(list) == after


@pytest.mark.parametrize("first", [True, False])
def test_who_had_the_turn_and_broke_gives_it_back(people: Cast, meta: SimulatorProcess, first: bool) -> None:
    connect(people.company)
    if not first:
        look(lambda: ["before"])
        later(kept.FRESH)

    def breaks() -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look(breaks)
    assert look(lambda: ["after"], max_age=kept.FOR_ONLOOKERS).told == ["after"]


def test_the_turn_of_who_died_before_anything_was_told_passes_to_who_may_only_look(
    people: Cast, meta: SimulatorProcess
) -> None:
    connect(people.company)
    account = WhatsAppAccount.objects.get()
    AccountReading.objects.create(account=account, about="numbers:x", tried_at=clock.now())
    with pytest.raises(OnboardingError, match="Se está leyendo"):
        look(list, max_age=kept.FOR_ONLOOKERS)
    later(kept.FRESH)
    assert look(lambda: ["after"], max_age=kept.FOR_ONLOOKERS).told == ["after"]


def test_what_is_forgotten_while_somebody_looks_is_asked(people: Cast, meta: SimulatorProcess) -> None:
    connect(people.company)
    look(lambda: ["before"])
    forgotten = False

    def as_it_looks(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        nonlocal forgotten
        if sql.startswith("UPDATE") and not forgotten:
            forgotten = True
            kept.forget(people.company)
        return execute(sql, *rest)

    with connection.execute_wrapper(as_it_looks):
        found = look(lambda: ["after"])
    assert found.told == ["after"]
    assert look(list) == found, "and kept"


def test_many_accounts_of_a_token_cost_few_calls(
    people: Cast, ana: Client, meta: SimulatorProcess, calls: list[str]
) -> None:
    connect(people.company)
    targets = ["102290129340398", *(f"90229012934{place:04d}" for place in range(300))]
    meta.control("tokens", token="simulator-token", targets=[*targets])
    page = words(ana.get(CHOOSING))
    assert targets[-1] in page
    assert len(calls) <= 21
