"""Each event that Meta may tell, provoked at the simulator: what changes for sending, and which notice comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from acuse.channels.models import AccountNotice, Lane, WhatsAppAccount, WhatsAppApp, WhatsAppNumber, WhatsAppTemplate
from acuse.channels.registry import sync_account
from acuse.channels.whatsapp.onboarding.asking import OnboardingError
from acuse.companies.models import Company
from acuse.deliveries import consequences, planning
from acuse.deliveries.models import DeliveryPolicy, ProviderCount, Suspension
from acuse.deliveries.policies import services as policies
from acuse.hooks.checks import running
from acuse.hooks.models import RawHook
from acuse.hooks.processing import apply_batch
from acuse.kernel import clock
from acuse.vouchers.kinds import VoucherKind
from acuse_simulator.process import SimulatorProcess
from tests.conftest import Cast
from tests.integration.watching.conftest import NUMBER, Tell, body_of, open_texts, suspended


def _template() -> WhatsAppTemplate:
    return WhatsAppTemplate.objects.get(name="comprobantes")


def test_a_healthy_account_raises_nothing(company: Company) -> None:
    assert open_texts(company) == {}
    number = WhatsAppNumber.objects.get()
    account = WhatsAppAccount.objects.get()
    assert (number.status, number.quality, number.mode, number.lane.throughput) == ("CONNECTED", "GREEN", "LIVE", 80)
    assert (account.limit, account.verification, account.health["can_send"]) == ("TIER_2K", "verified", "AVAILABLE")
    assert (_template().status, _template().category) == ("APPROVED", "UTILITY")


@pytest.mark.parametrize(
    ("stop", "status", "word"),
    [
        ("template_paused", "PAUSED", "pausó"),
        ("template_rejected", "REJECTED", "rechazó"),
        ("template_disabled", "DISABLED", "deshabilitó"),
        ("template_deleted", "DELETED", "borró"),
    ],
)
def test_a_template_that_can_not_be_used_is_held_until_it_can(
    company: Company, tell: Tell, stop: str, status: str, word: str
) -> None:
    tell(stop)
    assert _template().status == status
    assert suspended(company) == ["template"]
    assert word in open_texts(company)["status"]
    suspension = Suspension.objects.get(ended_at=None)
    assert suspension.key.endswith("/comprobantes/es_AR")
    if stop == "template_paused":
        assert suspension.probe_at - clock.now() > timedelta(hours=2)
    tell("template_unpaused")
    assert suspended(company) == []
    assert open_texts(company) == {}
    notice = AccountNotice.objects.get()
    assert "de nuevo" in notice.cleared_text


def test_a_rejection_says_metas_reason_in_words(company: Company, tell: Tell) -> None:
    tell("template_rejected", reason="PROMOTIONAL")
    notice = AccountNotice.objects.get(cleared_at=None)
    assert "promoción" in notice.next_step


def test_a_template_that_nobody_uses_neither_stops_nor_tells(
    company: Company, tell: Tell, meta: SimulatorProcess
) -> None:
    meta.control("templates", name="otra", components=[{"type": "BODY", "text": "Hola."}])
    # a new template is announced too
    meta.settle()
    tell("template_paused", template="otra")
    assert WhatsAppTemplate.objects.get(name="otra").status == "PAUSED"
    assert (suspended(company), open_texts(company)) == ([], {})


def test_a_template_with_complaints_warns_and_recovers(company: Company, tell: Tell) -> None:
    tell("template_quality", score="RED")
    assert "baja" in open_texts(company)["quality"]
    assert suspended(company) == []
    tell("template_quality", score="GREEN")
    assert open_texts(company) == {}
    tell("template_flagged")
    assert "quejas" in open_texts(company)["status"]


def test_the_day_on_which_a_template_turns_is_the_one_here(company: Company, tell: Tell) -> None:
    tell("template_category_notice")
    WhatsAppTemplate.objects.update(category_due_at=datetime(2026, 12, 1, 1, 30, tzinfo=UTC))
    texts = [check.text for check in running.seen_by(company, now=clock.now())]
    assert any("a marketing el 30/11:" in text for text in texts), texts


def test_a_template_that_turns_to_marketing_holds_what_goes_alone(company: Company, tell: Tell) -> None:
    tell("template_category_notice")
    assert "marketing" in open_texts(company)["category_due"]
    assert _template().category_due == "MARKETING"
    office = planning.open_office(company)
    assert office.held_for_cost == frozenset()
    tell("template_category_changed")
    assert "category" in open_texts(company)
    assert planning.open_office(company).held_for_cost == frozenset(
        DeliveryPolicy.objects.values_list("kind", flat=True)
    )
    consequences.accept_category(_template(), actor="user:ana@oeste.example", now=clock.now())
    assert planning.open_office(company).held_for_cost == frozenset()
    assert "category" not in open_texts(company)
    tell("template_category_changed", category="UTILITY")
    assert _template().category_accepted_at is None


def test_a_template_with_another_text_is_checked_against_the_mapping(company: Company, tell: Tell) -> None:
    tell("template_components_changed")
    assert any("2 variables" in text for text in open_texts(company).values())
    tell("template_components_changed", text="Hola, va tu comprobante {{1}} de hoy.")
    assert not any("variables" in text for text in open_texts(company).values())


def test_a_number_goes_slower_and_faster_as_meta_says(company: Company, tell: Tell) -> None:
    lane = Lane.objects.get()
    tell("number_upgraded")
    lane.refresh_from_db()
    assert lane.throughput == 1000
    tell("number_throttled")
    lane.refresh_from_db()
    assert lane.throughput == 20
    assert "menos" in open_texts(company)["throughput"]
    tell("number_upgraded")
    assert "throughput" not in open_texts(company)


def test_a_number_that_was_slowed_goes_as_usual_once_meta_tells_its_level(company: Company, tell: Tell) -> None:
    lane = Lane.objects.get()
    tell("number_throttled")
    consequences.carry_out(sync_account(company), now=clock.now())
    lane.refresh_from_db()
    assert (lane.throughput, open_texts(company)) == (80, {})


def test_a_pace_below_metas_stays_when_the_number_is_slowed(company: Company, tell: Tell) -> None:
    Lane.objects.update(throughput=5)
    tell("number_throttled")
    assert Lane.objects.get().throughput == 5


def test_the_limit_that_news_of_a_number_carry_is_the_accounts(company: Company) -> None:
    digits = "".join(c for c in WhatsAppNumber.objects.get().display if c.isdigit())
    value = {"display_phone_number": digits, "event": "DOWNGRADE", "max_daily_conversations_per_business": "TIER_250"}
    body = body_of({"field": "phone_number_quality_update", "value": value})
    RawHook.objects.create(app=WhatsAppApp.objects.get(), body=body, received_at=clock.now())
    apply_batch()
    assert WhatsAppAccount.objects.get().limit == "TIER_250"
    assert set(open_texts(company)) == {"throughput", "limit"}


def test_a_flagged_number_warns_and_recovers(company: Company, tell: Tell) -> None:
    tell("number_flagged")
    assert WhatsAppNumber.objects.get().quality == "RED"
    assert "quejas" in open_texts(company)["quality"]
    tell("number_unflagged")
    assert open_texts(company) == {}


def test_a_name_that_is_refused_and_one_that_is_taken(company: Company, tell: Tell) -> None:
    tell("number_name_rejected")
    assert "rechazó" in open_texts(company)["name"]
    tell("number_name_approved")
    assert open_texts(company) == {}


def test_a_lower_limit_is_told(company: Company, tell: Tell) -> None:
    tell("limit_changed")
    assert WhatsAppAccount.objects.get().limit == "TIER_250"
    assert "250" in open_texts(company)["limit"]
    tell("limit_changed", tier="TIER_10K")
    assert open_texts(company) == {}


def test_a_banned_account_stops_and_goes_on(company: Company, tell: Tell) -> None:
    tell("account_banned")
    assert suspended(company) == ["account"]
    assert "inhabilitó" in open_texts(company)["status"]
    tell("account_reinstated")
    assert (suspended(company), open_texts(company)) == ([], {})


def test_a_restricted_account_stops_until_metas_date(company: Company, tell: Tell) -> None:
    tell("account_restricted", seconds=86400)
    suspension = Suspension.objects.get(ended_at=None)
    assert timedelta(hours=23) < suspension.probe_at - clock.now() < timedelta(hours=25)
    assert "restringió" in open_texts(company)["restriction"]
    tell("account_reinstated")
    assert (suspended(company), open_texts(company)) == ([], {})


def test_a_restriction_of_something_else_only_warns(company: Company, tell: Tell) -> None:
    tell("account_restricted", restriction="RESTRICTED_ADD_PHONE_NUMBER_ACTION")
    assert suspended(company) == []
    assert "agregar números" in open_texts(company)["restriction"]


@pytest.mark.parametrize(
    ("event", "topic", "end"),
    [
        ("account_violation", "violation", None),
        ("account_deleted", "status", "account_reinstated"),
        ("account_review_rejected", "review", "account_review_approved"),
        ("pin_changed", "security", None),
        ("pin_reset_requested", "security", None),
    ],
)
def test_the_rest_is_told_with_a_next_step(
    company: Company, tell: Tell, event: str, topic: str, end: str | None
) -> None:
    tell(event)
    notice = AccountNotice.objects.get(cleared_at=None)
    assert notice.key.endswith(f":{topic}")
    assert notice.next_step
    if end is not None:
        tell(end)
        assert open_texts(company) == {}


def test_an_alert_ends_when_meta_says_so(company: Company, tell: Tell) -> None:
    tell("account_alert", type="PROBLEMA", text="Your account needs attention.")
    assert "needs attention" in open_texts(company)["PROBLEMA"]
    tell("account_alert", type="PROBLEMA", status="RESOLVED")
    assert open_texts(company) == {}


def test_news_of_another_apps_account_touch_nothing(company: Company, people: Cast, tell: Tell) -> None:
    app = WhatsAppApp.objects.get()
    WhatsAppAccount.objects.update(app=WhatsAppApp.objects.create(company=people.other_company, app_id="1"))
    news = {"field": "account_update", "value": {"event": "ACCOUNT_DELETED"}}
    body = body_of(news)
    RawHook.objects.create(app=app, body=body, received_at=clock.now())
    apply_batch()
    assert (suspended(company), open_texts(company)) == ([], {})
    assert ProviderCount.objects.filter(key="account_update").exists()


def test_odd_news_are_counted_and_harm_no_neighbour(company: Company) -> None:
    app = WhatsAppApp.objects.get()
    odd = body_of(
        {"field": "account_update", "value": {"event": 7}},
        {"field": "message_template_status_update", "value": {}},
        {"field": "account_update", "value": {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}},
    )
    RawHook.objects.create(app=app, body=odd, received_at=clock.now())
    apply_batch()
    assert suspended(company) == ["account"]
    assert set(ProviderCount.objects.values_list("key", flat=True)) >= {
        "account_update",
        "message_template_status_update",
    }


def test_what_meta_does_not_tell_is_found_by_reading(company: Company, meta: SimulatorProcess) -> None:
    meta.control("event", event="payment_missing")
    meta.control("event", event="number_disconnected")
    meta.control("tokens", token="simulator-token", expires_at=int(clock.now().timestamp()) + 3 * 86400)
    consequences.carry_out(sync_account(company), now=clock.now())
    found = open_texts(company)
    assert "no deja enviar" in found["health"]
    assert "no está conectado" in found["connection"]
    assert "vence" in found["token"]
    meta.control("event", event="payment_added")
    meta.control("numbers", id=NUMBER, status="CONNECTED")
    meta.control("tokens", token="simulator-token", expires_at=0)
    consequences.carry_out(sync_account(company), now=clock.now())
    assert open_texts(company) == {}


def test_a_template_that_changed_meanwhile_is_found_by_reading(company: Company, meta: SimulatorProcess) -> None:
    meta.control("templates", name="comprobantes", status="PAUSED")
    consequences.carry_out(sync_account(company), now=clock.now())
    assert suspended(company) == ["template"]
    meta.control("templates", name="comprobantes", status="APPROVED")
    consequences.carry_out(sync_account(company), now=clock.now())
    assert (suspended(company), open_texts(company)) == ([], {})


@pytest.mark.parametrize("fault", ["html_500", "cut", "rate_limited"])
def test_a_reading_that_fails_changes_nothing(company: Company, meta: SimulatorProcess, fault: str) -> None:
    meta.control("event", event="payment_missing")
    meta.control("fault", kind=fault, where="message_templates")
    with pytest.raises(OnboardingError):
        sync_account(company)
    assert WhatsAppAccount.objects.get().health["can_send"] == "AVAILABLE"


def test_telling_twice_is_telling_once(company: Company, tell: Tell) -> None:
    tell("template_paused")
    tell("template_paused")
    assert AccountNotice.objects.count() == 1
    assert Suspension.objects.count() == 1


def test_long_words_of_metas_stop_the_template_all_the_same(company: Company) -> None:
    name = "c" * 512
    DeliveryPolicy.objects.filter(company=company, kind="quote").update(template_name=name)
    value = {
        "event": "REJECTED", "message_template_name": name, "message_template_language": "es_AR",
        "reason": "R" * 900, "message_template_category": "C" * 100,
    }  # fmt: skip
    app = WhatsAppApp.objects.get()
    body = body_of({"field": "message_template_status_update", "value": value})
    RawHook.objects.create(app=app, body=body, received_at=clock.now())
    apply_batch()
    assert RawHook.objects.get().state == RawHook.State.DONE
    assert suspended(company) == ["template"]


def test_a_person_who_mends_the_mapping_ends_its_notice(company: Company, tell: Tell) -> None:
    tell("template_components_changed")
    assert any("2 variables" in text for text in open_texts(company).values())
    for kind in VoucherKind:
        values = policies.values_of(DeliveryPolicy.objects.get(company=company, kind=kind.value))
        mended = replace(values, template_parameters=("{{comprobante}}", "{{cliente}}"))
        policies.change(company=company, kind=kind, values=mended, actor="test")
    assert open_texts(company) == {}
