from __future__ import annotations

from typing import Any

import pytest
from structlog.testing import capture_logs

from acuse.deliveries import wishes
from acuse.deliveries.models import Delivery
from acuse.deliveries.states import State
from acuse.directory import optout
from acuse.directory.models import Contact
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import make_contact, make_mailbox, make_party
from tests.data.unforeseen import Spot, break_it, wherever_it_breaks
from tests.integration.api.conftest import Api, posted

DELIVERY = {
    "id", "voucher", "channel", "to", "state", "provider_id", "reason", "attempts", "created_at", "updated_at"
}  # fmt: skip


def _send(api: Api, voucher: Any, **body: Any) -> Any:
    return api.post(f"/vouchers/{voucher['id']}/send", body)


def test_asking_twice_sends_once_and_again_is_a_linked_one(api: Api) -> None:
    voucher = api.registered()
    first = _send(api, voucher).body["deliveries"]
    assert [set(delivery) for delivery in first] == [DELIVERY]
    assert (first[0]["state"], first[0]["attempts"], first[0]["voucher"]) == ("queued", 0, voucher["id"])
    assert first[0]["created_at"].endswith("Z")
    assert [d["id"] for d in _send(api, voucher).body["deliveries"]] == [first[0]["id"]]
    Delivery.objects.update(state=State.SENT)
    again = _send(api, voucher, again=True).body["deliveries"]
    assert [d["state"] for d in again] == ["sent", "queued"]
    assert str(Delivery.objects.get(pk=again[1]["id"]).resend_of_id) == first[0]["id"]


def test_what_cannot_be_sent_is_422_with_every_reason_and_no_new_contact(api: Api) -> None:
    voucher = api.registered(cae=None, pdf_base64=None)
    answer = _send(api, voucher, contacts=[{"mobile": "11 5555-0123"}])
    assert answer.status == 422
    assert [(e["code"], e["field"]) for e in answer.body["errors"]] == [
        ("authorization_pending", "authorization"), ("pdf_missing", "pdf")
    ]  # fmt: skip
    assert Contact.objects.count() == 1


def test_contacts_are_named_by_id_or_given(api: Api) -> None:
    voucher = api.registered()
    known = voucher["contacts"][0]["id"]
    answer = _send(api, voucher, contacts=[known, {"name": "Pagos", "mobile": "11 5555-0123"}])
    assert {d["to"] for d in answer.body["deliveries"]} == {"+5493415550199", "+5491155550123"}
    assert len(answer.body["contacts"]) == 2


def test_a_contact_of_another_party_or_company_is_no_contact(api: Api, office: Cast) -> None:
    voucher = api.registered()
    other = make_contact(make_party(office.company, name="Otro"))
    theirs = make_contact(make_party(office.other_company))
    for id_ in (str(other.pk), str(theirs.pk), "x"):
        answer = _send(api, voucher, contacts=[voucher["contacts"][0]["id"], id_])
        assert (answer.status, answer.body["errors"][0]["field"]) == (422, "contacts[1]")
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"contacts": [{"mobile": "11 5555-0123"}, {"mobile": "1"}]}, "contacts[1].mobile"),
        ({"contacts": [{}]}, "contacts[0]"),
        ({"contacts": [7]}, "contacts[0]"),
        ({"contacts": []}, "contacts"),
        ({"contacts": [{"mobile": 5}]}, "contacts[0].mobile"),
        ({"channel": "fax"}, "channel"),
        ({"again": "yes"}, "again"),
        ({"now": True}, "now"),
    ],
)
def test_a_bad_field_is_422_by_its_name(api: Api, body: Any, field: str) -> None:
    answer = _send(api, api.registered(), **body)
    assert (answer.status, answer.body["errors"][0]["field"]) == (422, field)
    assert (Contact.objects.count(), Delivery.objects.count()) == (1, 0)


def test_the_channel_chooses(api: Api, office: Cast) -> None:
    make_mailbox(office.company, "smtp://127.0.0.1:2525")
    body = posted()
    body["party"]["contacts"][0]["email"] = "compras@norte.example"
    voucher = api.post("/vouchers", body).body
    answer = _send(api, voucher, channel="email")
    assert [(d["channel"], d["to"]) for d in answer.body["deliveries"]] == [("email", "compras@norte.example")]


def test_a_suppressed_contact_gets_nothing(api: Api) -> None:
    voucher = api.registered()
    optout.suppress(list(Contact.objects.all()), reason="BAJA", actor="t")
    answer = _send(api, voucher)
    assert (answer.status, answer.body["errors"][0]["code"]) == (422, "contact_suppressed")


@wherever_it_breaks
def test_what_our_own_fault_keeps_from_going_is_told_as_ours_and_goes_once_mended(
    api: Api, monkeypatch: pytest.MonkeyPatch, spot: Spot
) -> None:
    voucher = api.registered()
    with monkeypatch.context() as patched, capture_logs() as logs:
        break_it(patched, spot)
        answer = _send(api, voucher, contacts=[{"mobile": "11 5555-0123"}])
    assert (answer.status, answer.body["type"]) == (500, "urn:acuse:problem:internal-error")
    assert [(error["field"], error["code"]) for error in answer.body["errors"]] == [(None, "fault")]
    assert "Avisale a quien administra la instalación." in answer.body["detail"]
    (told,) = (entry for entry in logs if entry["event"] == "voucher_faulty")
    assert (told["voucher"], bool(told["exc_info"])) == (voucher["id"], True)
    assert (Contact.objects.count(), Delivery.objects.count()) == (1, 0), "nothing is half done"
    assert _send(api, voucher).status == 200


@wherever_it_breaks
def test_what_our_own_fault_keeps_from_being_sent_again_uses_up_no_key(
    api: Api, monkeypatch: pytest.MonkeyPatch, spot: Spot
) -> None:
    delivery = api.registered(deliver="now")["deliveries"][0]["id"]
    Delivery.objects.update(state=State.FAILED)
    with monkeypatch.context() as patched:
        break_it(patched, spot)
        for answer in (api.post(f"/deliveries/{delivery}/resend"), api.resend(delivery, "reenvio-1")):
            assert (answer.status, [error["code"] for error in answer.body["errors"]]) == (500, ["fault"])
    assert Delivery.objects.count() == 1
    assert api.resend(delivery, "reenvio-1").status == 201


@wherever_it_breaks
def test_a_wish_that_our_own_fault_holds_up_is_kept_with_its_voucher(
    api: Api, monkeypatch: pytest.MonkeyPatch, spot: Spot
) -> None:
    with monkeypatch.context() as patched:
        break_it(patched, spot)
        voucher = api.registered(deliver="now")
    assert (voucher["sendable"], [reason["code"] for reason in voucher["reasons"]]) == (False, ["fault"])
    assert voucher["deliveries"] == []
    wishes.fulfil_wish(Voucher.objects.get())
    assert Delivery.objects.get().origin == "api"


def test_an_authorised_voucher_keeps_its_cae(api: Api) -> None:
    voucher = api.registered()
    path = f"/vouchers/{voucher['id']}/authorize"
    assert api.post(path, {"result": "approved", "cae": "70417054367477"}).status == 409
    assert api.post(path, {"result": "approved", "cae": "1"}).body["errors"][0]["field"] == "cae"
    assert api.post(path, {"result": "pending"}).status == 422
    assert api.post(path, {"result": "approved", "cae": "70417054367476", "observations": ["\x00"]}).status == 422
    assert api.post(path, {"result": "approved", "cae": "70417054367476", "observations": [10**30]}).status == 422
    assert api.get(f"/vouchers/{voucher['id']}").body == voucher


def test_a_rejected_voucher_is_not_sendable(api: Api) -> None:
    voucher = api.registered(cae=None)
    body = api.post(f"/vouchers/{voucher['id']}/authorize", {"result": "rejected", "observations": ["10016"]}).body
    assert (body["authorization"], body["reasons"][0]["code"]) == ("rejected", "authorization_rejected")


def test_a_delivery_shows_its_timeline(api: Api) -> None:
    delivery = api.registered(deliver="now")["deliveries"][0]
    body = api.get(f"/deliveries/{delivery['id']}").body
    assert {**delivery, "timeline": body["timeline"]} == body
    (event,) = body["timeline"]
    assert (event["kind"], event["detail"]["origin"], set(event)) == ("requested", "api", {"at", "kind", "detail"})


def test_a_queued_delivery_is_cancelled_and_asked_again(api: Api) -> None:
    path = f"/deliveries/{api.registered(deliver='now')['deliveries'][0]['id']}"
    assert api.post(f"{path}/resend").body["errors"][0]["code"] == "still_open"
    cancelled = api.post(f"{path}/cancel")
    assert (cancelled.status, cancelled.body["state"], cancelled.body["reason"]["code"]) == (
        200,
        "cancelled",
        "cancelled",
    )
    assert api.post(f"{path}/cancel").status == 200
    new = api.post(f"{path}/resend")
    assert (new.status, new.body["state"]) == (201, "queued")
    assert api.post(f"{path}/resend").status == 200
    assert api.post(f"{path}/resend").body["id"] == new.body["id"]


def test_what_left_is_not_cancelled(api: Api) -> None:
    path = f"/deliveries/{api.registered(deliver='now')['deliveries'][0]['id']}"
    Delivery.objects.update(state=State.SENT)
    answer = api.post(f"{path}/cancel")
    assert (answer.status, answer.body["errors"][0]["code"]) == (409, "not_cancellable")


@pytest.mark.parametrize(("decided", "state"), [("sent", "sent"), ("not_sent", "failed")])
def test_an_uncertain_delivery_is_resolved_once(api: Api, decided: str, state: str) -> None:
    path = f"/deliveries/{api.registered(deliver='now')['deliveries'][0]['id']}/resolve"
    assert api.post(path, {"as": decided}).body["errors"][0]["code"] == "not_uncertain"
    Delivery.objects.update(state=State.UNCERTAIN)
    assert api.post(path, {"as": "perhaps"}).body["errors"][0]["field"] == "as"
    assert api.post(path, {}).body["errors"][0]["field"] == "as"
    assert api.post(path, {"as": decided}).body["state"] == state
    assert api.post(path, {"as": decided}).status == 409
