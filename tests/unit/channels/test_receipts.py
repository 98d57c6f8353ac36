import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.channels.contract import (
    AccountNews,
    Channel,
    HookItem,
    Inbound,
    Notice,
    Receipt,
    ReceiptState,
    Scope,
    TooFast,
    Verdict,
)
from acuse.channels.registry import hook_reader
from acuse.channels.whatsapp.receipts import WhatsAppHooks
from acuse.channels.whatsapp.signature import sign
from tests.unit.channels.webhook_samples import BATCH, PHONE, TEMPLATE_PAUSED, Json, body, change, status, text

ID = "0198f2aa-1111-7222-8333-444455556666"
READER = WhatsAppHooks()


def read(document: Any) -> list[Any]:
    return list(READER.read(json.dumps(document).encode()))


def receipt(**more: Any) -> Receipt:
    (found,) = read(body(change(statuses=[status("wamid.A", **more)])))
    assert isinstance(found, Receipt)
    return found


def test_the_registry_plugs_it_in() -> None:
    reader = hook_reader(Channel.WHATSAPP)
    assert reader.verify(b"x", sign(b"x", "s"), "s")
    params = {"hub.mode": "subscribe", "hub.verify_token": "t", "hub.challenge": "7"}
    assert reader.challenge(params, "t") == "7"
    assert reader.challenge(params, "other") is None
    with pytest.raises(KeyError):
        hook_reader(Channel.EMAIL)


def test_a_status_is_a_receipt() -> None:
    found = receipt(biz_opaque_callback_data=ID, recipient_user_id="AR.1349")
    assert (found.sender_id, found.provider_id, found.delivery_id) == (PHONE, "wamid.A", ID)
    assert (found.state, found.word) == (ReceiptState.DELIVERED, "delivered")
    assert found.at == datetime(2025, 6, 15, 23, 27, 53, tzinfo=UTC)
    assert found.identities == {"wa_id": "5491123456789", "bsuid": "AR.1349"}
    assert found.pricing is not None
    assert found.pricing["category"] == "utility"
    assert found.refusal is None


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("sent", ReceiptState.SENT),
        ("delivered", ReceiptState.DELIVERED),
        ("read", ReceiptState.READ),
        ("played", ReceiptState.READ),
        ("failed", ReceiptState.FAILED),
        ("accepted", ReceiptState.OTHER),
        ("held_for_quality_assessment", ReceiptState.OTHER),
        ("deleted", ReceiptState.OTHER),
    ],
)
def test_metas_words_are_ours(word: str, state: ReceiptState) -> None:
    found = receipt(word=word)
    assert (found.state, found.word) == (state, word)


def test_an_unknown_word_is_kept_and_counted() -> None:
    kept, counted = read(body(change(statuses=[status("wamid.A", "vanished")])))
    assert (kept.state, kept.word) == (ReceiptState.OTHER, "vanished")
    assert counted == Notice("unknown:status:vanished", kept.raw)


@pytest.mark.parametrize("opaque", ["018f", "", "x" * 36, ID.replace("-", ""), 7, None])
def test_data_that_isnt_ours_is_no_delivery(opaque: Any) -> None:
    assert receipt(biz_opaque_callback_data=opaque).delivery_id == ""


@pytest.mark.parametrize(
    ("errors", "verdict", "scope", "cause"),
    [
        ([{"code": 131026}], Verdict.REJECTED, Scope.RECIPIENT, "whatsapp.131026"),
        ([{"code": 190}], Verdict.SUSPENDED, Scope.ACCOUNT, "whatsapp.190"),
        ([{"code": 131016}], Verdict.RETRY, Scope.DELIVERY, "whatsapp.131016"),
        (["?", {"code": 131016}], Verdict.RETRY, Scope.DELIVERY, "whatsapp.131016"),
        ([], Verdict.REJECTED, Scope.DELIVERY, "whatsapp.unknown"),
        ("?", Verdict.REJECTED, Scope.DELIVERY, "whatsapp.unknown"),
    ],
)
def test_a_failure_carries_its_decision(errors: Any, verdict: Verdict, scope: Scope, cause: str) -> None:
    refusal = receipt(word="failed", errors=errors).refusal
    assert refusal is not None
    assert (refusal.verdict, refusal.scope, refusal.cause.code) == (verdict, scope, cause)


def test_the_errors_of_what_didnt_fail_decide_nothing() -> None:
    assert receipt(word="delivered", errors=[{"code": 190}]).refusal is None


def test_a_group_is_nobodys_phone() -> None:
    assert receipt(recipient_type="group", recipient_id="1203630").identities == {}


def test_a_message_is_inbound() -> None:
    contacts = [{"profile": {"name": "Marta"}, "wa_id": "5491123456789"}]
    (found,) = read(body(change(messages=[text("wamid.M", "BAJA", context={"id": "wamid.A"})], contacts=contacts)))
    assert isinstance(found, Inbound)
    assert (found.sender_id, found.provider_id, found.from_digits) == (PHONE, "wamid.M", "5491123456789")
    assert (found.name, found.text, found.answers, found.opt_out) == ("Marta", "BAJA", "wamid.A", True)


def test_the_caption_of_a_picture_asks_for_nothing() -> None:
    item = text("wamid.M") | {"type": "image", "image": {"caption": "baja"}}
    (found,) = read(body(change(messages=[item])))
    assert not found.opt_out


def test_a_message_without_a_phone_has_its_user_id() -> None:
    item = text("wamid.M", from_user_id="AR.1349")
    del item["from"]
    (found,) = read(body(change(messages=[item])))
    assert (found.from_digits, found.from_user_id) == ("", "AR.1349")


def test_the_rest_is_noticed_by_its_name() -> None:
    assert [item.key for item in read(body({"field": "flows", "value": {}}))] == ["flows"]
    assert [item.key for item in read(body(change(errors=[{"code": 131000}, "?"])))] == [
        "errors:131000",
        "errors:unknown",
    ]
    assert [item.key for item in read(body({"field": "¡Otra cosa!", "value": {}}))] == ["unknown:field"]


def test_sending_too_fast_is_noticed_and_told_of_the_number() -> None:
    noticed, told = read(body(change(errors=[{"code": 130429}])))
    assert noticed.key == "errors:130429"
    assert told == TooFast(PHONE)


@pytest.mark.parametrize("document", [[], 7, None, {}, {"entry": {}}, {"entry": [3]}, {"entry": [{"changes": [None]}]}])
def test_a_shape_that_we_dont_know_is_noticed(document: Any) -> None:
    assert [item.key.split(":")[0] for item in read(document)] == ["unknown"]


def test_what_is_told_of_an_account_keeps_its_field_and_its_value() -> None:
    (item,) = read(body(TEMPLATE_PAUSED))
    assert isinstance(item, AccountNews)
    assert item.field == "message_template_status_update"


def test_where_it_was_is_told_without_the_indexes() -> None:
    first, second = read(body(change(statuses=[{"status": "read"}, {"status": "sent"}])))
    assert first.key == second.key
    assert "[]" in first.key


def test_an_id_that_is_too_long_is_none() -> None:
    found = read(body(change(statuses=[status("w" * 301)], messages=[text("w" * 301)])))
    assert [item.key for item in found] == ["unknown:id_too_long"] * 2


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"NaN", b'{"a": Infinity}', b"[" * 100_000])
def test_what_is_no_json_says_so(content: bytes) -> None:
    assert not READER.readable(content)
    with pytest.raises(ValueError):
        READER.read(content)


def test_texts_hold_nothing_that_the_database_refuses() -> None:
    raw = b'{"entry": [{"changes": [{"field": "a", "value": {"k\\u0000": ["\\ud83d\\ude00 \\ud83d", 1e999]}}]}]}'
    (found,) = READER.read(raw)
    assert isinstance(found, Notice)
    assert found.raw["value"] == {"k\ufffd": ["\U0001f600 \ufffd", "1e999"]}


def test_all_of_a_batch_is_read() -> None:
    assert sorted(type(item).__name__ for item in read(BATCH)) == [
        "AccountNews",
        "Inbound",
        "Notice",
        *["Receipt"] * 4,
        "TooFast",
    ]


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=12,
)


@given(spoilt=st.dictionaries(st.sampled_from(sorted(status("wamid.A"))), JSON_VALUES), value=JSON_VALUES)
def test_it_reads_whatever_comes(spoilt: Json, value: Any) -> None:
    document = body(change(statuses=[status("wamid.A", "failed") | spoilt, value], messages=[value]))
    assert all(isinstance(item, HookItem) for item in read(document))
