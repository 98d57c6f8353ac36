"""The assistant's steps against the simulator, over real HTTP: what is right is kept, what isn't is told."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from acuse.channels.accounts import AccountError, WhatsAppParameters, remove_token, save_whatsapp
from acuse.channels.models import Lane, WhatsAppAccount, WhatsAppNumber, WhatsAppTemplate
from acuse.channels.whatsapp.onboarding import credentials, numbers, profile, templates, waba, webhook
from acuse.channels.whatsapp.onboarding.asking import OnboardingError
from acuse.channels.whatsapp.onboarding.progress import Step, places
from acuse.channels.whatsapp.syncing import sync_templates
from acuse.channels.whatsapp.template_draft import BETTER_BODY, Draft
from acuse.companies.models import AuditEntry, Company
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast
from tests.data.pictures import bomb_png

NUMBER, WABA, APP = "106540352242922", "102290129340398", "634974688087057"
SECRET, TOKEN = "simulator-app-secret", "simulator-token"
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def company(people: Cast) -> Company:
    company: Company = people.company
    return company


@pytest.fixture
def connected(company: Company, meta: SimulatorProcess) -> Company:
    given = WhatsAppParameters(app_id=APP, app_secret=SECRET, access_token=TOKEN, waba_id=WABA)
    save_whatsapp(company, given, actor="test")
    return company


def _report(**changes: str) -> credentials.CredentialsReport:
    return credentials.report(**{"app_id": APP, "app_secret": SECRET, "token": TOKEN, **changes})


def _code(meta: SimulatorProcess, number: str) -> str:
    return str(next(n["code"] for n in meta.get("/control/state")["numbers"] if n["id"] == number))


def _bad(report: credentials.CredentialsReport) -> list[str]:
    return [check.text for check in report.checks if check.ok is not True]


def test_good_credentials_pass_every_check(meta: SimulatorProcess) -> None:
    report = _report()
    assert report.good
    assert _bad(report) == []


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"scopes": ["whatsapp_business_messaging"]}, "whatsapp_business_management"),
        ({"scopes": ["whatsapp_business_management"]}, "whatsapp_business_messaging"),
        ({"app_id": "999"}, "otra app"),
        ({"valid": False}, "no vale"),
        ({"expires_at": 1700000000}, "venció"),
    ],
)
def test_each_lack_of_a_token_is_told_with_its_way_out(
    meta: SimulatorProcess, values: dict[str, Any], word: str
) -> None:
    meta.control("tokens", token="malo", **values)
    report = _report(token="malo")
    assert (report.good, report.app_ok) == (False, True)
    assert any(word in text for text in _bad(report))
    assert all(check.next_step for check in report.checks if check.ok is False)


def test_a_persons_token_and_one_that_will_end_only_warn(meta: SimulatorProcess) -> None:
    meta.control("tokens", token="persona", type="USER", expires_at=4102444800)
    report = _report(token="persona")
    assert report.good
    assert len(_bad(report)) == 2
    # midnight in Greenwich
    assert any("31/12/2099" in check.text for check in report.checks)


@pytest.mark.parametrize("changes", [{"app_secret": "otro"}, {"app_id": "111"}])
def test_a_wrong_secret_or_app_is_told_and_the_token_is_not_asked(
    meta: SimulatorProcess, changes: dict[str, str]
) -> None:
    report = _report(**changes)
    assert (report.app_ok, report.token) == (False, None)
    assert len(report.checks) == 1


@pytest.mark.parametrize("fault", ["html_500", "json_500", "cut", "half", "rate_limited"])
def test_trouble_at_meta_is_told_as_passing(meta: SimulatorProcess, fault: str) -> None:
    meta.control("fault", kind=fault, where="debug_token")
    with pytest.raises(OnboardingError) as caught:
        _report()
    assert caught.value.passing
    assert "quedó guardado" in caught.value.next_step
    assert _report().good


def test_accounts_come_from_the_tokens_grants(connected: Company, meta: SimulatorProcess) -> None:
    assert waba.accounts_to_choose(connected) == []
    meta.control("tokens", token=TOKEN, targets=[WABA])
    (account,) = waba.accounts_to_choose(connected)
    assert (account.id, account.currency, account.funded) == (WABA, "ARS", True)
    meta.control("tokens", token=TOKEN, targets=["999", WABA])
    assert [account.id for account in waba.accounts_to_choose(connected)] == [WABA], "the other one hides nothing"
    meta.control("tokens", token=TOKEN, targets=["999"])
    with pytest.raises(OnboardingError):
        waba.accounts_to_choose(connected)
    meta.control("tokens", token=TOKEN, targets=[WABA])
    with pytest.raises(OnboardingError, match="no llega a esa cuenta"):
        waba.look_at_account(connected, "999")
    with pytest.raises(OnboardingError, match="solo números"):
        waba.look_at_account(connected, "mi cuenta")


def test_a_token_of_somebody_without_the_account_is_told(connected: Company, meta: SimulatorProcess) -> None:
    meta.control("tokens", token=TOKEN, targets=["999"])
    with pytest.raises(OnboardingError) as caught:
        numbers.numbers_to_choose(connected)
    assert "no tiene esa cuenta" in str(caught.value)
    assert "Agregar activos" in caught.value.next_step


def test_a_number_is_chosen_and_a_second_one_gets_its_own_lane(connected: Company, meta: SimulatorProcess) -> None:
    other = meta.control("numbers", display="+54 9 341 555-0100", status="CONNECTED", throughput=1000)["id"]
    first = numbers.choose_number(connected, phone_number_id=NUMBER, default=False, actor="test")
    assert first.is_default
    second = numbers.choose_number(connected, phone_number_id=other, default=True, actor="test")
    first.refresh_from_db()
    assert (first.is_default, second.is_default, second.name) == (False, True, "WhatsApp +54 9 341 555-0100")
    again = numbers.choose_number(connected, phone_number_id=NUMBER, default=False, actor="test")
    assert again == first
    assert {c.facts.id: c.ours for c in numbers.numbers_to_choose(connected)} == {NUMBER: True, other: True}
    assert WhatsAppNumber.objects.get(lane=second).throughput_level == "HIGH"
    with pytest.raises(OnboardingError, match="no es de la cuenta"):
        numbers.choose_number(connected, phone_number_id="123", default=False, actor="test")


@pytest.mark.parametrize("status", ["RESTRICTED", "RATE_LIMITED"])
def test_a_number_that_meta_slowed_down_is_slow_from_the_moment_it_is_chosen(
    connected: Company, meta: SimulatorProcess, status: str
) -> None:
    slow = meta.control("numbers", display="+54 9 341 555-0100", status=status, throughput=1000)["id"]
    lane = numbers.choose_number(connected, phone_number_id=slow, default=False, actor="test")
    # nobody chose a pace: all of Meta's comes back
    assert (lane.throughput, lane.chosen_pace) == (20, None)
    assert numbers.choose_number(connected, phone_number_id=slow, default=False, actor="test").throughput == 20
    meta.control("numbers", id=slow, status="CONNECTED")
    assert numbers.choose_number(connected, phone_number_id=slow, default=False, actor="test").throughput == 1000
    lane.refresh_from_db()
    assert (lane.throughput, lane.chosen_pace) == (1000, None)


def test_the_pace_that_a_person_chose_waits_while_meta_slows_the_number_down(
    connected: Company, meta: SimulatorProcess
) -> None:
    number = meta.control("numbers", display="+54 9 341 555-0100", status="CONNECTED", throughput=1000)["id"]
    lane = numbers.choose_number(connected, phone_number_id=number, default=False, actor="test")
    Lane.objects.filter(pk=lane.pk).update(throughput=50)
    for status, pace in (("RESTRICTED", 20), ("RESTRICTED", 20), ("CONNECTED", 50)):
        meta.control("numbers", id=number, status=status)
        assert numbers.choose_number(connected, phone_number_id=number, default=False, actor="test").throughput == pace


def test_a_number_goes_from_typed_to_registered(connected: Company, meta: SimulatorProcess) -> None:
    number = numbers.add_number(connected, typed="0341 15 555-0100", verified_name="Oeste SA", actor="test")
    with pytest.raises(OnboardingError, match="verificar el número"):
        numbers.register(connected, phone_number_id=number, pin=None, actor="test")
    numbers.request_code(connected, phone_number_id=number, method="SMS", actor="test")
    with pytest.raises(OnboardingError, match="no mandó otro código"):
        numbers.request_code(connected, phone_number_id=number, method="VOICE", actor="test")
    code = _code(meta, number)
    wrong = "111111" if code != "111111" else "222222"
    with pytest.raises(OnboardingError, match="no es ese"):
        numbers.verify_code(connected, phone_number_id=number, code=wrong, actor="test")
    numbers.verify_code(connected, phone_number_id=number, code=f"{code[:3]}-{code[3:]}", actor="test")
    numbers.choose_number(connected, phone_number_id=number, default=False, actor="test")
    pin = numbers.register(connected, phone_number_id=number, pin=None, actor="test")
    row = WhatsAppNumber.objects.get(phone_number_id=number)
    assert (len(pin), row.pin.reveal()) == (6, pin)
    assert pin not in str(list(AuditEntry.objects.values_list("detail", "target")))
    assert next(n for n in numbers.numbers_to_choose(connected) if n.facts.id == number).ready


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"pin": "999999"}, "no es ese"),
        ({"pin": "999999", "pin_failures": 5}, "demasiados intentos"),
        ({"registrations": [4102444800.0 - 1] * 10}, "72 horas"),
    ],
)
def test_a_pin_that_is_not_the_one_and_too_many_tries(
    connected: Company, meta: SimulatorProcess, values: dict[str, Any], word: str
) -> None:
    meta.control("numbers", id=NUMBER, **values)
    with pytest.raises(OnboardingError) as caught:
        numbers.register(connected, phone_number_id=NUMBER, pin="123456", actor="test")
    assert word in f"{caught.value} {caught.value.next_step}"
    assert caught.value.next_step


@pytest.mark.parametrize("typed", ["hola", "0800 222 3333", "123"])
def test_what_is_no_number_is_refused_before_meta_is_asked(
    connected: Company, meta: SimulatorProcess, typed: str
) -> None:
    with pytest.raises(OnboardingError) as caught:
        numbers.add_number(connected, typed=typed, verified_name="Oeste SA", actor="test")
    assert caught.value.field == "phone"
    assert len(meta.get("/control/state")["numbers"]) == 1


def test_a_number_of_another_company_stays_theirs(people: Cast, connected: Company) -> None:
    given = WhatsAppParameters(access_token="otro", phone_number_id=NUMBER)
    save_whatsapp(people.other_company, given, actor="test")
    with pytest.raises(OnboardingError, match="otra empresa"):
        numbers.choose_number(connected, phone_number_id=NUMBER, default=True, actor="test")


def test_the_profile_is_written_with_a_square_picture_and_read(connected: Company, meta: SimulatorProcess) -> None:
    picture = io.BytesIO()
    Image.new("RGBA", (900, 300), "red").save(picture, "PNG")
    given = profile.Profile(
        about="Comprobantes", email="hola@oeste.example", websites=("https://oeste.example/",), vertical="RETAIL"
    )
    profile.save(connected, phone_number_id=NUMBER, given=given, picture=picture.getvalue(), actor="test")
    found = profile.read(connected, phone_number_id=NUMBER)
    assert (found.about, found.websites, found.vertical) == ("Comprobantes", ("https://oeste.example/",), "RETAIL")
    assert found.picture_url


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (profile.Profile(about="x" * 140), "about"),
        (profile.Profile(email="sin arroba"), "email"),
        (profile.Profile(websites=("oeste.example",)), "websites"),
        (profile.Profile(websites=("https://a.example",) * 3), "websites"),
        (profile.Profile(vertical="NADA"), "vertical"),
    ],
)
def test_a_profile_that_meta_would_refuse_is_told_first(connected: Company, given: profile.Profile, field: str) -> None:
    with pytest.raises(OnboardingError) as caught:
        profile.save(connected, phone_number_id=NUMBER, given=given, actor="test")
    assert caught.value.field == field


@pytest.mark.parametrize("content", [b"", b"hola", b"%PDF-1.4", b"\x89PNG\r\n\x1a\n" + b"0" * 40, bomb_png()])
def test_what_is_no_picture_is_refused(connected: Company, content: bytes) -> None:
    with pytest.raises(OnboardingError) as caught:
        profile.save(connected, phone_number_id=NUMBER, given=profile.Profile(), picture=content, actor="test")
    assert caught.value.field == "picture"


def test_the_webhook_says_when_meta_can_not_reach_it(connected: Company, meta: SimulatorProcess, settings: Any) -> None:
    settings.BASE_URL = "http://127.0.0.1:9"
    before = webhook.report(connected)
    assert (before.app_ok, before.public, before.account_ok) == (False, False, True)
    with pytest.raises(OnboardingError) as caught:
        webhook.connect(connected, actor="test")
    assert "no pudo comprobar" in str(caught.value)
    assert caught.value.next_step


def test_a_wrong_secret_shows_at_the_webhook(connected: Company, meta: SimulatorProcess) -> None:
    save_whatsapp(connected, WhatsAppParameters(app_secret="cambiado"), actor="test")
    with pytest.raises(OnboardingError, match="clave secreta"):
        webhook.report(connected)


def test_a_template_is_sent_to_review_and_refreshed(connected: Company, meta: SimulatorProcess) -> None:
    row = templates.submit(connected, draft=Draft(BETTER_BODY, "Oeste SA", name="nueva"), sample=PDF, actor="test")
    assert (row.status, row.category, row.language) == ("PENDING", "UTILITY", "es_AR")
    meta.control("event", event="template_approved", template="nueva")
    sync_templates(connected)
    found = {t.name: t.status for t in templates.of_account(connected)}
    assert found == {"comprobantes": "APPROVED", "nueva": "APPROVED"}
    meta.control("reset")
    sync_templates(connected)
    assert [t.name for t in templates.of_account(connected)] == ["comprobantes"]
    assert WhatsAppTemplate.objects.get(name="nueva").gone_at is not None


@pytest.mark.parametrize(
    ("draft", "sample", "field"),
    [
        (Draft("{{1}} va."), PDF, "body"),
        (Draft(BETTER_BODY, name="Con Espacios"), PDF, "name"),
        (Draft(BETTER_BODY), b"hola", "sample"),
        (Draft(BETTER_BODY), PDF + b"0" * 5 * 1024 * 1024, "sample"),
    ],
)
def test_a_draft_that_meta_would_refuse_never_leaves(
    connected: Company, meta: SimulatorProcess, draft: Draft, sample: bytes, field: str
) -> None:
    with pytest.raises(OnboardingError) as caught:
        templates.submit(connected, draft=draft, sample=sample, actor="test")
    assert caught.value.field == field
    assert not WhatsAppTemplate.objects.exists()


def test_a_name_that_is_taken_or_blocked_is_told(connected: Company, meta: SimulatorProcess) -> None:
    with pytest.raises(OnboardingError, match="Ya hay una plantilla"):
        templates.submit(connected, draft=Draft(BETTER_BODY), sample=PDF, actor="test")
    meta.control("account", blocked_names={"vieja": 4102444800.0})
    with pytest.raises(OnboardingError, match="30 días") as caught:
        templates.submit(connected, draft=Draft(BETTER_BODY, name="vieja"), sample=PDF, actor="test")
    assert caught.value.said


def test_the_same_template_sent_again_after_an_answer_that_was_lost_is_the_first_one(
    connected: Company, meta: SimulatorProcess
) -> None:
    draft = Draft(BETTER_BODY, "Oeste SA", name="nueva")
    first = templates.submit(connected, draft=draft, sample=PDF, actor="test")
    # as if its answer had never come
    WhatsAppTemplate.objects.all().delete()
    again = templates.submit(connected, draft=draft, sample=PDF, actor="test")
    assert (again.meta_id, again.status) == (first.meta_id, "PENDING")
    with pytest.raises(OnboardingError, match="Ya hay una plantilla"):
        templates.submit(connected, draft=replace(draft, footer="Otro pie"), sample=PDF, actor="test")


def test_the_places_follow_what_there_is(company: Company, meta: SimulatorProcess) -> None:
    assert not any(place.done for place in places(company, heard=False, tried=False))
    with pytest.raises(OnboardingError, match="token"):
        numbers.numbers_to_choose(company)
    given = WhatsAppParameters(app_id=APP, app_secret=SECRET, access_token=TOKEN, waba_id=WABA)
    save_whatsapp(company, given, actor="test")
    facts = _report().token
    assert facts is not None
    credentials.remember(company, facts)
    numbers.choose_number(company, phone_number_id=NUMBER, default=True, actor="test")
    sync_templates(company)
    done = {place.step for place in places(company, heard=False, tried=True) if place.done}
    assert done == {Step.NEEDS, Step.CREDENTIALS, Step.NUMBER, Step.TEMPLATE, Step.TRIAL}


def test_parameters_change_the_default_number_and_no_other(connected: Company, meta: SimulatorProcess) -> None:
    """The page shows the default one, whichever was added last."""
    other = meta.control("numbers", display="+54 9 341 555-0100", status="CONNECTED")["id"]
    first = numbers.choose_number(connected, phone_number_id=NUMBER, default=True, actor="test")
    second = numbers.choose_number(connected, phone_number_id=other, default=False, actor="test")
    save_whatsapp(connected, WhatsAppParameters(phone_number_id="777"), actor="test")
    ids = dict(WhatsAppNumber.objects.values_list("lane_id", "phone_number_id"))
    assert ids == {first.pk: "777", second.pk: other}
    with pytest.raises(AccountError, match="ya es otra de tus líneas"):
        save_whatsapp(connected, WhatsAppParameters(phone_number_id=other), actor="test")


def test_a_new_token_wakes_every_number_and_is_asked_anew(connected: Company, meta: SimulatorProcess) -> None:
    other = meta.control("numbers", display="+54 9 341 555-0100", status="CONNECTED")["id"]
    for number in (NUMBER, other):
        numbers.choose_number(connected, phone_number_id=number, default=False, actor="test")
    facts = _report().token
    assert facts is not None
    credentials.remember(connected, facts)
    remove_token(connected, actor="test")
    assert not Lane.objects.filter(is_active=True).exists()
    save_whatsapp(connected, WhatsAppParameters(access_token="otro"), actor="test")
    assert Lane.objects.filter(is_active=True).count() == 2
    assert WhatsAppAccount.objects.get().token_scopes == []
