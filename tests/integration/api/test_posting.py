from __future__ import annotations

import base64
from datetime import date
from typing import Any

import pytest

from acuse.companies import services as companies
from acuse.companies.models import AuditEntry
from acuse.deliveries.models import Delivery
from acuse.deliveries.planning import today_in
from acuse.deliveries.policies import services as policies
from acuse.directory.models import Contact, Party
from acuse.vouchers import services as vouchers
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import StoredFile, Voucher, VoucherVersion
from tests.conftest import Cast
from tests.data import pdfs
from tests.data.cast import make_party, make_voucher
from tests.integration.api.conftest import CAE, Api, key_of, pdf_base64, posted

KEYS = {
    "id", "external_id", "kind", "title", "state", "version", "authorization", "sendable", "reasons", "warnings",
    "contacts", "deliveries",
}  # fmt: skip


def _errors(answer: Any) -> list[tuple[str | None, str]]:
    return [(error["field"], error["code"]) for error in answer.body["errors"]]


def _nothing_is_kept() -> bool:
    return not any(model.objects.exists() for model in (Voucher, Party, Contact, Delivery, StoredFile))


def test_a_new_voucher_is_201_with_the_whole_voucher(api: Api) -> None:
    answer = api.post("/vouchers", posted())
    assert answer.status == 201
    body = answer.body
    assert set(body) == KEYS
    assert body["title"] == "Factura A 00003-00000042"
    assert (body["state"], body["version"], body["authorization"]) == ("active", 1, "approved")
    assert (body["sendable"], body["reasons"], body["deliveries"]) == (True, [], [])
    (contact,) = body["contacts"]
    assert contact == {
        "id": contact["id"], "name": "Compras", "mobile": "+5493415550199", "email": None, "kinds": None
    }  # fmt: skip
    assert {warning["code"] for warning in body["warnings"]} == {"qr_missing", "assumed_mobile"}


def test_the_same_content_again_is_200_with_the_same_voucher(api: Api) -> None:
    first = api.registered()
    again = posted(currency="PES", total="12100.0", electronic=True, authorization="approved", cae_type="cae")
    again["party"] = {**again["party"], "tax_id": "30111111118", "class": "Mayoristas"}
    answer = api.post("/vouchers", again)
    assert (answer.status, answer.body["id"], answer.body["version"]) == (200, first["id"], 1)
    assert Party.objects.count() == Contact.objects.count() == VoucherVersion.objects.count() == 1


def test_it_is_still_the_same_content_after_the_party_learnt_its_external_id(api: Api) -> None:
    api.registered()
    other = posted(external_id="FV-43", number=43)
    other["party"] = {**other["party"], "external_id": "C-7"}
    assert api.post("/vouchers", other).status == 201
    assert Party.objects.get().external_id == "C-7"
    assert api.post("/vouchers", posted()).status == 200


def test_it_is_still_the_same_content_after_its_pdf_and_its_cae_came(api: Api) -> None:
    bare = posted(pdf_base64=None, cae=None)
    first = api.post("/vouchers", bare).body
    authorised = {"result": "approved", "cae": CAE, "cae_due_on": "2026-11-30", "pdf_base64": pdf_base64()}
    assert api.post(f"/vouchers/{first['id']}/authorize", authorised).body["sendable"]
    again = api.post("/vouchers", bare)
    assert (again.status, again.body["sendable"], again.body["version"]) == (200, True, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"total": "12100.01"},
        {"issued_on": "2026-11-21"},
        {"currency": "USD"},
        {"exchange_rate": "1455.5"},
        {"pdf_base64": pdf_base64("OTRO PDF")},
        {"cae": "70417054367477"},
        {"electronic": False},
        {"party": {"kind": "customer", "name": "Otro", "tax_id": "20-11111111-2"}},
        {"party": {"kind": "customer", "name": "Otro"}},
    ],
)
def test_other_content_is_409_and_changes_nothing(api: Api, change: dict[str, Any]) -> None:
    first = api.registered()
    answer = api.post("/vouchers", posted(**change))
    assert (answer.status, _errors(answer)) == (409, [("external_id", "conflict")])
    assert api.get(f"/vouchers/{first['id']}").body == first
    assert (Party.objects.count(), StoredFile.objects.count()) == (1, 1)


def test_replacing_makes_a_new_version_and_asks_again_what_is_queued(api: Api) -> None:
    first = api.registered(deliver="now")
    answer = api.post("/vouchers", posted(total="99.00", pdf_base64=pdf_base64("CORREGIDA"), replace=True))
    assert (answer.status, answer.body["id"], answer.body["version"]) == (200, first["id"], 2)
    old, new = answer.body["deliveries"]
    assert (old["state"], old["reason"]["code"], new["state"]) == ("cancelled", "superseded", "queued")
    assert old["id"] == first["deliveries"][0]["id"]
    assert api.post("/vouchers", posted(total="99.00", pdf_base64=pdf_base64("CORREGIDA"))).status == 200


def test_replacing_keeps_the_pdf_and_the_cae_that_it_does_not_mention(api: Api) -> None:
    api.registered()
    answer = api.post("/vouchers", posted(pdf_base64=None, cae=None, total="99.00", replace=True))
    assert (answer.body["version"], answer.body["sendable"]) == (2, True)
    assert Voucher.objects.get().cae == CAE


def test_a_number_registered_under_another_external_id_is_409(api: Api) -> None:
    api.registered()
    answer = api.post("/vouchers", posted(external_id="OTRO", replace=True))
    assert (answer.status, _errors(answer)) == (409, [("number", "conflict")])
    assert Voucher.objects.count() == 1


def test_a_voucher_without_an_external_id_takes_it_and_its_wish(api: Api, office: Cast) -> None:
    party = make_party(office.company, tax_id="30111111118")
    known = make_voucher(office.company, party)
    answer = api.post("/vouchers", posted(pdf_base64=None, deliver="now"))
    assert (answer.status, answer.body["id"], answer.body["external_id"]) == (200, str(known.pk), "FV-42")
    assert (answer.body["version"], len(answer.body["deliveries"])) == (1, 1)


def test_now_on_an_unsendable_voucher_waits_and_is_done_when_it_can_be(api: Api) -> None:
    answer = api.post("/vouchers", posted(cae=None, pdf_base64=None, deliver="now"))
    assert (answer.status, answer.body["sendable"], answer.body["deliveries"]) == (201, False, [])
    assert {(r["code"], r["field"]) for r in answer.body["reasons"]} == {
        ("authorization_pending", "authorization"),
        ("pdf_missing", "pdf"),
    }
    path = f"/vouchers/{answer.body['id']}"
    after = api.post(f"{path}/authorize", {"result": "observed", "cae": CAE, "observations": [{"code": 10217}]}).body
    assert (after["authorization"], after["sendable"], after["deliveries"]) == ("observed", False, [])
    done = api.call("POST", f"{path}/pdf", pdfs.invoice_pdf(qr_text=None), content_type="application/pdf").body
    assert (done["sendable"], [d["state"] for d in done["deliveries"]]) == (True, ["queued"])


def test_now_goes_to_the_contacts_that_it_names(api: Api) -> None:
    api.registered()
    mail = posted(external_id="FV-43", number=43, deliver="now")
    mail["party"] = {**mail["party"], "contacts": [{"name": "Pagos", "mobile": "11 5555-0123", "kinds": []}]}
    body = api.post("/vouchers", mail).body
    assert [delivery["to"] for delivery in body["deliveries"]] == ["+5491155550123"]
    assert len(body["contacts"]) == 2


def test_auto_goes_by_itself_only_where_the_service_covers_it(api: Api, office: Cast) -> None:
    today = today_in(office.company).isoformat()
    assert api.registered(deliver="auto", issued_on=today)["deliveries"] == []
    companies.set_automatic_service(company=office.company, active=True, actor="test")
    policies.set_automatic(company=office.company, kind=VoucherKind.SALES_INVOICE, active=True, actor="test")
    new = api.registered(deliver="auto", issued_on=today, external_id="FV-43", number=43)
    assert [delivery["state"] for delivery in new["deliveries"]] == ["queued"]
    assert api.registered(deliver="never", issued_on=today, external_id="FV-44", number=44)["deliveries"] == []


def test_a_caea_is_taken(api: Api) -> None:
    api.registered(cae_type="caea")
    assert Voucher.objects.get().cae_type == "caea"


@pytest.mark.parametrize("kind", ["payment_order", "withholding_certificate", "purchase_order"])
def test_what_we_pay_goes_to_suppliers(api: Api, kind: str) -> None:
    supplier = {"kind": "supplier", "name": "Proveedora SA", "contacts": [{"email": "cobros@proveedora.example"}]}
    answer = api.post("/vouchers", posted(kind=kind, party=supplier, arca_type=None, cae=None))
    assert (answer.status, answer.body["authorization"]) == (201, None)
    assert answer.body["reasons"][0]["field"] == "party.contacts"


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"external_id": None}, "external_id", "missing"),
        ({"external_id": "  "}, "external_id", "blank"),
        ({"external_id": 42}, "external_id", "invalid_type"),
        ({"external_id": "x" * 121}, "external_id", "too_long"),
        ({"external_id": "a\x00b"}, "external_id", "invalid_text"),
        ({"kind": "invoice"}, "kind", "unknown_value"),
        ({"issued_on": "20/11/2026"}, "issued_on", "invalid_date"),
        ({"issued_on": "2026-02-30"}, "issued_on", "invalid_date"),
        ({"issued_on": 20261120}, "issued_on", "invalid_date"),
        ({"total": 12100}, "total", "invalid_amount"),
        ({"total": "12.100,00"}, "total", "invalid_amount"),
        ({"total": "NaN"}, "total", "invalid_amount"),
        ({"exchange_rate": "-1"}, "exchange_rate", "invalid_rate"),
        ({"currency": "XXX"}, "currency", "unknown_currency"),
        ({"number": "42"}, "number", "invalid_type"),
        ({"number": 0}, "number", "out_of_range"),
        ({"number": True}, "number", "invalid_type"),
        ({"point_of_sale": 100_000}, "point_of_sale", "out_of_range"),
        ({"arca_type": 4}, "arca_type", "invalid_arca_type"),
        ({"kind": "quote"}, "arca_type", "invalid_arca_type"),
        ({"electronic": "no"}, "electronic", "invalid_type"),
        ({"cae": "1234"}, "cae", "invalid_cae"),
        ({"cae_type": "cai"}, "cae_type", "unknown_value"),
        ({"authorization": "yes"}, "authorization", "unknown_value"),
        ({"deliver": "later"}, "deliver", "unknown_value"),
        ({"replace": 1}, "replace", "invalid_type"),
        ({"pdf": "x"}, "pdf", "unknown_field"),
        ({"pdf_base64": "no es base64"}, "pdf_base64", "pdf_base64_invalid"),
        ({"pdf_base64": "QQ==QQ=="}, "pdf_base64", "pdf_base64_invalid"),
        ({"pdf_base64": "ñandú"}, "pdf_base64", "pdf_base64_invalid"),
        ({"pdf_base64": ""}, "pdf_base64", "pdf_empty"),
        ({"pdf_base64": "aG9sYQ=="}, "pdf_base64", "pdf_not_a_pdf"),
        ({"party": None}, "party", "missing"),
        ({"party": []}, "party", "invalid_type"),
        ({"party": {"kind": "customer"}}, "party.name", "missing"),
        ({"party": {"kind": "customer", "name": " "}}, "party.name", "blank"),
        ({"party": {"kind": "employee", "name": "A"}}, "party.kind", "unknown_value"),
        ({"party": {"kind": "supplier", "name": "A"}}, "party.kind", "invalid_kind"),
        ({"party": {"kind": "customer", "name": "A", "tax_id": "30-11111111-1"}}, "party.tax_id", "invalid_tax_id"),
        ({"party": {"kind": "customer", "name": "A", "cuit": "1"}}, "party.cuit", "unknown_field"),
    ],
)  # fmt: skip
def test_a_bad_field_is_422_by_its_name_and_nothing_is_kept(
    api: Api, change: dict[str, Any], field: str, code: str
) -> None:
    body = {**posted(), **{name: value for name, value in change.items() if value is not None}}
    for name in (name for name, value in change.items() if value is None):
        del body[name]
    answer = api.post("/vouchers", body)
    assert (answer.status, _errors(answer)) == (422, [(field, code)])
    assert answer.body["errors"][0]["text"]
    assert _nothing_is_kept()


@pytest.mark.parametrize(
    ("contact", "field", "code"),
    [
        ({}, "party.contacts[1]", "invalid_contacts"),
        ({"mobile": "0800-555-1234"}, "party.contacts[1].mobile", "invalid_mobile"),
        ({"mobile": "12"}, "party.contacts[1].mobile", "invalid_mobile"),
        ({"email": "sin arroba"}, "party.contacts[1].email", "invalid_email"),
        ({"email": "a@b.example", "kinds": ["invoice"]}, "party.contacts[1].kinds[0]", "unknown_value"),
        ({"phone": "1"}, "party.contacts[1].phone", "unknown_field"),
        ("341 555-0199", "party.contacts[1]", "invalid_type"),
    ],
)
def test_a_bad_contact_is_422_by_its_place_and_nothing_is_kept(
    api: Api, contact: object, field: str, code: str
) -> None:
    body = posted()
    body["party"] = {**body["party"], "contacts": [*body["party"]["contacts"], contact]}
    answer = api.post("/vouchers", body)
    assert (answer.status, _errors(answer)) == (422, [(field, code)])
    assert _nothing_is_kept()


def test_every_bad_field_is_told_at_once(api: Api) -> None:
    answer = api.post("/vouchers", {"kind": "x", "total": 1, "sobra": True})
    fields = {field for field, _ in _errors(answer)}
    assert {"external_id", "kind", "issued_on", "party", "currency", "total", "sobra"} == fields


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (pdfs.corrupt_pdf, "pdf_corrupt"),
        (pdfs.encrypted_pdf, "pdf_encrypted"),
    ],
)
def test_a_pdf_that_nobody_could_open_is_422(api: Api, make: Any, code: str) -> None:
    answer = api.post("/vouchers", posted(pdf_base64=base64.b64encode(make()).decode()))
    assert (answer.status, _errors(answer)) == (422, [("pdf_base64", code)])
    assert _nothing_is_kept()


def test_base64_may_have_line_breaks(api: Api) -> None:
    broken = base64.encodebytes(pdfs.invoice_pdf(qr_text=None)).decode()
    assert "\n" in broken
    assert api.post("/vouchers", posted(pdf_base64=broken)).status == 201


def test_a_qr_that_contradicts_the_data_is_kept_and_told(api: Api) -> None:
    text = pdfs.valid_qr_text(issued_on=date(2026, 11, 20), number=43)
    pdf = base64.b64encode(pdfs.invoice_pdf(qr_text=text)).decode()
    answer = api.post("/vouchers", posted(pdf_base64=pdf, deliver="now"))
    assert (answer.status, answer.body["sendable"], answer.body["deliveries"]) == (201, False, [])
    assert ("qr_contradicts", "pdf") in {(r["code"], r["field"]) for r in answer.body["reasons"]}


@pytest.mark.parametrize(
    "raw",
    [b"{", b"nope", b"[1", b'{"a": "\xff"}', b'{"a": "\\ud800"}', b"[" * 5000, b'{"a": NaN}', b"\x00", b'"x'],
)
def test_what_is_no_json_is_422(api: Api, raw: bytes) -> None:
    answer = api.post("/vouchers", raw)
    assert (answer.status, _errors(answer)) == (422, [(None, "invalid_json")])


@pytest.mark.parametrize("raw", [b"", b"[]", b"null", b'"x"', b"1", b"{}"])
def test_json_that_is_no_voucher_is_422(api: Api, raw: bytes) -> None:
    assert api.post("/vouchers", raw).status == 422


def test_a_body_of_another_type_is_415(api: Api) -> None:
    answer = api.post("/vouchers", b"external_id=1", content_type="application/x-www-form-urlencoded")
    assert (answer.status, _errors(answer)) == (415, [(None, "not_json")])


def test_a_conflict_of_the_party_is_409_and_nothing_is_kept(api: Api, office: Cast) -> None:
    make_party(office.company, tax_id="20111111112", external_id="C-7")
    body = posted()
    body["party"] = {**body["party"], "external_id": "C-7"}
    answer = api.post("/vouchers", body)
    assert (answer.status, _errors(answer)) == (409, [("party.tax_id", "conflict")])
    assert not Voucher.objects.exists()


def test_the_audit_names_the_key(api: Api, office: Cast) -> None:
    api.registered()
    entry = AuditEntry.objects.get(event="voucher.registered")
    assert entry.actor == f"key:{api.key[:12]}"


def test_two_companies_may_use_the_same_external_id(api: Api, stranger: Api) -> None:
    mine, theirs = api.registered(), stranger.registered()
    assert mine["id"] != theirs["id"]


def test_voiding_is_told_and_done_once(api: Api) -> None:
    voucher = api.registered()
    for _ in range(2):
        answer = api.post(f"/vouchers/{voucher['id']}/void")
        assert (answer.status, answer.body["state"]) == (200, "voided")
        assert [reason["code"] for reason in answer.body["reasons"]] == ["voided"]


def test_voiding_cancels_what_waits_as_the_page_does(api: Api) -> None:
    voucher = api.registered(deliver="now")
    assert [delivery["state"] for delivery in voucher["deliveries"]] == ["queued"]
    answer = api.post(f"/vouchers/{voucher['id']}/void")
    assert [(one["state"], one["reason"]["code"]) for one in answer.body["deliveries"]] == [("cancelled", "voided")]


def test_vouchers_of_the_services_show_too(api: Api, office: Cast) -> None:
    made = make_voucher(office.company, make_party(office.company))
    assert vouchers.snapshot(made)["number"] == 42
    body = api.get(f"/vouchers/{made.pk}").body
    assert (body["external_id"], body["reasons"][0]["code"]) == (None, "no_contact")


def test_a_key_of_one_kind_may_post_that_kind(api: Api, office: Cast) -> None:
    quotes = Api(api.client, key_of(office.company, ("quote", "create")))
    assert quotes.post("/vouchers", posted()).status == 403
    assert quotes.post("/vouchers", posted(kind="quote", arca_type=None, cae=None)).status == 201
