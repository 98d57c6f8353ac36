import copy
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.channels.whatsapp.events import (
    STATUSES,
    AccountEvent,
    ErrorEvent,
    MessageEvent,
    StatusEvent,
    UnknownEvent,
    is_opt_out,
    walk,
)
from tests.unit.channels.webhook_samples import (
    BATCH,
    FAILED,
    PHONE,
    TEMPLATE_PAUSED,
    WABA,
    Json,
    body,
    change,
    status,
    text,
)


def one_message(**more: Any) -> MessageEvent:
    (event,) = walk(body(change(messages=[text("wamid.M") | more])))
    assert isinstance(event, MessageEvent)
    return event


def test_a_status_brings_all_that_it_says() -> None:
    (event,) = walk(body(change(statuses=[status("wamid.A", recipient_user_id="AR.1349")])))
    assert isinstance(event, StatusEvent)
    assert (event.phone_number_id, event.waba_id, event.wamid, event.status) == (PHONE, WABA, "wamid.A", "delivered")
    assert event.at == datetime(2025, 6, 15, 23, 27, 53, tzinfo=UTC)
    assert (event.recipient_id, event.recipient_user_id, event.opaque) == ("5491123456789", "AR.1349", "018f")
    assert event.pricing["category"] == "utility"
    assert event.raw["id"] == "wamid.A"


def test_every_entry_change_and_item_is_an_event() -> None:
    events = list(walk(BATCH))
    assert [e.wamid for e in events if isinstance(e, StatusEvent)] == ["wamid.A", "wamid.B", "wamid.F", "wamid.C"]
    assert Counter(type(e) for e in events) == {StatusEvent: 4, MessageEvent: 1, AccountEvent: 1, ErrorEvent: 1}


def test_a_thousand_statuses_are_a_thousand_events() -> None:
    sent = [status(f"wamid.{n}") for n in range(1000)]
    assert len(list(walk(body(change(statuses=sent))))) == 1000


def test_a_failure_keeps_its_errors_as_they_came() -> None:
    (event,) = walk(body(change(statuses=[FAILED])))
    assert isinstance(event, StatusEvent)
    assert [e["code"] for e in event.errors] == [131049]


def test_a_value_with_only_errors_is_the_accounts() -> None:
    (event,) = walk(body(change(errors=[{"code": 130429}])))
    assert event == ErrorEvent(PHONE, WABA, {"code": 130429})


def test_an_account_field_keeps_its_name_and_value() -> None:
    (event,) = walk(body(TEMPLATE_PAUSED))
    assert isinstance(event, AccountEvent)
    assert event == AccountEvent("message_template_status_update", WABA, event.value)
    assert event.value == TEMPLATE_PAUSED["value"]


def test_a_field_beside_changes_is_read() -> None:
    sample = {
        "entry": [{"id": "1", "field": "account_update", "changes": [{"value": {"event": "PARTNER_APP_INSTALLED"}}]}]
    }
    (event,) = walk(sample)
    assert isinstance(event, AccountEvent)
    assert event.field == "account_update"


def test_statuses_of_calls_are_not_those_of_messages() -> None:
    calls = change(statuses=[status("wacid.A", "RINGING")]) | {"field": "calls"}
    assert [type(e) for e in walk(body(calls))] == [AccountEvent]


def test_a_number_where_an_id_is_expected_is_an_id() -> None:
    (event,) = walk(body(change(statuses=[status("wamid.A", recipient_id=5491123456789)]), waba=42))
    assert isinstance(event, StatusEvent)
    assert (event.waba_id, event.recipient_id) == ("42", "5491123456789")


@pytest.mark.parametrize("stamp", [1750030073, "1750030073", 1750030073.0])
def test_a_timestamp_may_be_text_or_number(stamp: Any) -> None:
    (event,) = walk(body(change(statuses=[status("wamid.A", timestamp=stamp)])))
    assert isinstance(event, StatusEvent)
    assert event.at == datetime(2025, 6, 15, 23, 27, 53, tzinfo=UTC)


@pytest.mark.parametrize("stamp", [None, "", "x", True, -1, "1e400", 10**400, float("nan"), [], {}])
def test_an_odd_timestamp_costs_only_the_date(stamp: Any) -> None:
    (event,) = walk(body(change(statuses=[status("wamid.A", timestamp=stamp)])))
    assert isinstance(event, StatusEvent)
    assert event.at is None


def test_an_unknown_status_is_still_a_status() -> None:
    (event,) = walk(body(change(statuses=[status("wamid.A", "teleported")])))
    assert isinstance(event, StatusEvent)
    assert event.status == "teleported"
    assert event.status not in STATUSES


def test_metas_sent_moves_nothing() -> None:
    moves = {word: state for word, state in STATUSES.items() if state}
    assert moves == {"delivered": "delivered", "read": "read", "played": "read", "failed": "failed"}


@pytest.mark.parametrize(
    ("item", "said"),
    [
        ({"type": "text", "text": {"body": "Hola"}}, "Hola"),
        ({"type": "button", "button": {"payload": "P", "text": "Baja"}}, "Baja"),
        ({"type": "button", "button": {"payload": "P"}}, "P"),
        ({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"title": "Sí"}}}, "Sí"),
        ({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"title": "Uno"}}}, "Uno"),
        ({"type": "interactive", "interactive": {"type": ["x"]}}, ""),
        ({"type": "document", "document": {"filename": "pago.pdf"}}, "[documento] pago.pdf"),
        ({"type": "document", "document": {"caption": "El pago", "filename": "p.pdf"}}, "[documento] El pago"),
        ({"type": "image", "image": {"id": "1"}}, "[imagen]"),
        ({"type": "reaction", "reaction": {"emoji": "👍"}}, "👍"),
        ({"type": "location", "location": {"latitude": 1.0}}, "[ubicación]"),
        ({"type": "system", "system": {"body": "Cambió de número"}}, "Cambió de número"),
        ({"type": "unsupported", "errors": [{"code": 131051}]}, "[mensaje que WhatsApp no muestra]"),
        ({"type": "hologram", "hologram": {}}, ""),
        ({"type": "text", "text": None}, ""),
        ({"type": 5}, ""),
    ],
)
def test_a_message_of_any_type_has_its_human_text(item: Json, said: str) -> None:
    assert one_message(**item).text == said


def test_a_message_knows_who_wrote_and_what_it_answers() -> None:
    (event,) = (e for e in walk(BATCH) if isinstance(e, MessageEvent))
    assert (event.from_, event.profile_name, event.context_wamid) == ("5491123456789", "Ana", "wamid.Z")


def test_a_person_with_a_user_name_has_no_number() -> None:
    item = text("wamid.M", from_user_id="AR.1349")
    del item["from"]
    contacts = [{"profile": {"name": "Otra"}, "user_id": "AR.1"}, {"profile": {"name": "Ana"}, "user_id": "AR.1349"}]
    (event,) = walk(body(change(messages=[item], contacts=contacts)))
    assert isinstance(event, MessageEvent)
    assert (event.from_, event.from_user_id, event.profile_name) == (None, "AR.1349", "Ana")


@pytest.mark.parametrize(
    "words", ["BAJA", "baja", "Stop", " baja. ", "STOP!!", "Quiero darme de baja", "baja por favor", "Dar de baja"]
)
def test_baja_and_stop_are_opt_outs(words: str) -> None:
    assert is_opt_out(words)


@pytest.mark.parametrize(
    "words",
    ["", "Gracias", "la factura viene baja de tinta", "No me des de baja", "trabaja", "non-stop", "por favor", "👍"],
)
def test_other_words_are_not(words: str) -> None:
    assert not is_opt_out(words)


@pytest.mark.parametrize(
    "odd", [None, 5, "x", [], {}, {"id": None}, {"id": "wamid.X", "status": None}, {"status": "read"}]
)
def test_an_odd_item_never_harms_its_neighbours(odd: Any) -> None:
    events = list(walk(body(change(statuses=[status("wamid.A"), odd, status("wamid.B")]))))
    assert [e.wamid for e in events if isinstance(e, StatusEvent)] == ["wamid.A", "wamid.B"]
    (unknown,) = (e for e in events if isinstance(e, UnknownEvent))
    assert unknown.path == "entry[0].changes[0].value.statuses[1]"
    assert unknown.raw == odd


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=15,
)


@given(ANY_JSON)
def test_no_json_makes_it_raise(anything: Any) -> None:
    for value in (anything, {"entry": anything}, {"entry": [{"changes": anything}]}, body(anything)):
        assert list(walk(value)) or value in ({"entry": []}, {"entry": [{"changes": []}]})


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a JSON."""
    if path:
        yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield from places(inner, (*path, key))


PLACES = list(places(BATCH))


def owners(path: tuple[Any, ...]) -> set[str]:
    """The events that live at or under a place, or depend on it: only they may be harmed."""
    value: Any = BATCH
    for key in path[:7] if len(path) > 7 and path[5] in ("statuses", "messages") else path:
        value = value[key]
    return {event for event in IDS if f"'{event}'" in repr(value)} | ({"wamid.M"} if "contacts" in path else set())


IDS = ["wamid.A", "wamid.B", "wamid.F", "wamid.C", "wamid.M"]


def ids(events: list[Any]) -> set[str]:
    return {e.wamid for e in events if isinstance(e, StatusEvent | MessageEvent)}


@given(st.sampled_from(PLACES), ANY_JSON)
def test_a_mutation_anywhere_keeps_the_neighbours(path: tuple[Any, ...], value: Any) -> None:
    mutated = copy.deepcopy(BATCH)
    holder = mutated
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = value
    assert ids(list(walk(mutated))) >= set(IDS) - owners(path)


@pytest.mark.parametrize("path", PLACES, ids=str)
def test_anything_missing_keeps_the_neighbours(path: tuple[Any, ...]) -> None:
    mutated = copy.deepcopy(BATCH)
    holder = mutated
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    assert ids(list(walk(mutated))) >= set(IDS) - owners(path)
