"""Every field of Meta's that is watched: told twice it is one notice, which ends as it should."""

from __future__ import annotations

import pytest

from acuse.channels import notices
from acuse.channels.models import AccountNotice
from acuse.channels.whatsapp.news.fields import FIELDS
from acuse.companies.models import Company
from acuse.hooks.models import RawHook
from acuse.kernel import clock
from tests.integration.watching.conftest import Tell, open_texts

#: Field → what provokes it, what its notice is about, and what ends that; None: a person does.
TOLD: dict[str, tuple[str, str, str | None]] = {
    "message_template_status_update": ("template_paused", "status", "template_unpaused"),
    "message_template_quality_update": ("template_quality", "quality", "template_quality:score=GREEN"),
    "message_template_components_update": (
        "template_components_changed", "sales_invoice", "template_components_changed:text=Va {{1}} de hoy.",
    ),
    "template_category_update": ("template_category_changed", "category", "template_category_changed:category=UTILITY"),
    "phone_number_quality_update": ("number_flagged", "quality", "number_unflagged"),
    "phone_number_name_update": ("number_name_rejected", "name", "number_name_approved"),
    "business_capability_update": ("limit_changed", "limit", "limit_changed:tier=TIER_10K"),
    "account_update": ("account_banned", "status", "account_reinstated"),
    "account_alerts": ("account_alert:type=ALGO", "ALGO", "account_alert:type=ALGO,status=RESOLVED"),
    "account_review_update": ("account_review_rejected", "review", "account_review_approved"),
    "security": ("pin_changed", "security", None),
}  # fmt: skip
#: Of people, not of the account: it raises nothing, and is in test_preferences.py.
ELSEWHERE = {"user_preferences"}


def _tell(tell: Tell, event: str) -> None:
    name, _, values = event.partition(":")
    tell(name, **dict(pair.split("=", 1) for pair in values.split(",") if pair))


def test_every_field_is_here() -> None:
    assert TOLD.keys() | ELSEWHERE == FIELDS.keys()


@pytest.mark.parametrize("field", sorted(TOLD))
def test_a_field_told_twice_is_one_notice_and_it_ends(company: Company, tell: Tell, field: str) -> None:
    event, topic, end = TOLD[field]
    _tell(tell, event)
    _tell(tell, event)
    assert f'"{field}"'.encode() in bytes(RawHook.objects.earliest("id").body).replace(b" ", b"")
    assert topic in open_texts(company)
    notice = AccountNotice.objects.get(key__endswith=f":{topic}")
    assert notice.text
    assert notice.next_step
    if end is None:
        assert notices.attend(notice, actor="user:ana@oeste.example", now=clock.now())
    else:
        _tell(tell, end)
    assert open_texts(company) == {}
    notice.refresh_from_db()
    assert notice.cleared_text
