from typing import Any

import pytest

from acuse_simulator import payloads
from acuse_simulator.entities import Chat, Message, Number
from acuse_simulator.payloads import Item

NUMBER = Number("106", "+54 9 11 5550-9000", "102")
CHAT = Chat("5491155551234", "AR.1349", "Ana")


def _message(wamid: str = "wamid.A") -> Message:
    return Message(wamid, "106", CHAT.customer, 100.0, inbound=False, opaque="delivery:1")


def _item(wamid: str, waba: str = "102", number: str = "106") -> Item:
    value = payloads.status(Number(number, "+54 9 11 5550-9000", waba), CHAT, _message(wamid), "sent", 100)
    return Item(waba, "messages", value, 100)


def _wamids(payload: dict[str, Any]) -> list[str]:
    return [s["id"] for e in payload["entry"] for c in e["changes"] for s in c["value"]["statuses"]]


def test_a_delivered_status_has_the_shape_of_2026() -> None:
    value = payloads.status(NUMBER, CHAT, _message(), "delivered", 1750030073)
    assert value["metadata"] == {"display_phone_number": "5491155509000", "phone_number_id": "106"}
    assert value["contacts"] == [{"profile": {"name": "Ana"}, "wa_id": "5491155551234", "user_id": "AR.1349"}]
    assert value["statuses"] == [
        {
            "id": "wamid.A",
            "status": "delivered",
            "timestamp": "1750030073",
            "recipient_id": "5491155551234",
            "biz_opaque_callback_data": "delivery:1",
            "recipient_user_id": "AR.1349",
            "pricing": {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "utility"},
        }
    ]


def test_a_failed_status_has_no_contacts_and_no_user_id() -> None:
    value = payloads.status(NUMBER, CHAT, _message(), "failed", 1, 131049)
    assert "contacts" not in value
    (status,) = value["statuses"]
    assert "recipient_user_id" not in status
    assert "pricing" not in status
    assert status["errors"][0]["code"] == 131049
    assert status["errors"][0]["message"] == status["errors"][0]["title"]


def test_a_message_without_opaque_data_gets_none_back() -> None:
    message = _message()
    message.opaque = None
    (status,) = payloads.status(NUMBER, CHAT, message, "sent", 1)["statuses"]
    assert "biz_opaque_callback_data" not in status


@pytest.mark.parametrize("layout", ["statuses", "changes", "entries", "mixed"])
@pytest.mark.parametrize("count", [1, 2, 7])
def test_every_layout_carries_every_status_once(layout: str, count: int) -> None:
    wamids = [f"wamid.{n}" for n in range(count)]
    payload = payloads.envelope([_item(w) for w in wamids], layout)
    assert payload["object"] == "whatsapp_business_account"
    assert sorted(_wamids(payload)) == sorted(wamids)


def test_merged_statuses_of_two_numbers_stay_in_their_own_value() -> None:
    payload = payloads.envelope([_item("a", number="1"), _item("b", number="2"), _item("c", number="1")], "statuses")
    (entry,) = payload["entry"]
    assert [[s["id"] for s in c["value"]["statuses"]] for c in entry["changes"]] == [["a", "c"], ["b"]]


def test_two_accounts_never_share_an_entry() -> None:
    payload = payloads.envelope([_item("a", waba="1"), _item("b", waba="2")], "statuses")
    assert [e["id"] for e in payload["entry"]] == ["1", "2"]


def test_merging_leaves_the_items_as_they_were() -> None:
    items = [_item("a"), _item("b")]
    payloads.envelope(items, "statuses")
    assert [len(i.value["statuses"]) for i in items] == [1, 1]


def test_an_inbound_message_names_what_it_answers() -> None:
    message = Message("wamid.B", "106", CHAT.customer, 100.9, inbound=True, text="Gracias", context="wamid.A")
    (item,) = payloads.inbound(NUMBER, CHAT, message)["messages"]
    assert item["context"] == {"from": "5491155509000", "id": "wamid.A"}
    assert item["timestamp"] == "100"
    assert item["text"] == {"body": "Gracias"}
