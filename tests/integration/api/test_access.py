from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from acuse.api.problems import CONTENT_TYPE
from acuse.companies.models import ApiKey
from acuse.deliveries.models import Delivery
from acuse.directory.models import Contact
from acuse.kernel import clock
from tests.conftest import Cast
from tests.integration.api.conftest import Api, key_of, pdf_bytes, posted

NOBODY = "00000000-0000-7000-8000-000000000000"
#: method, path, what the body is, and the permission that it needs (page, action).
ENDPOINTS = [
    ("POST", "/vouchers", "voucher", ("sales_invoice", "create")),
    ("GET", "/vouchers", None, ("sales_invoice", "view")),
    ("GET", "/vouchers?kind=sales_invoice", None, ("sales_invoice", "view")),
    ("GET", "/vouchers/{voucher}", None, ("sales_invoice", "view")),
    ("POST", "/vouchers/{voucher}/send", {}, ("sales_invoice", "send")),
    ("POST", "/vouchers/{voucher}/authorize", {"result": "rejected"}, ("sales_invoice", "edit")),
    ("POST", "/vouchers/{voucher}/pdf", "pdf", ("sales_invoice", "edit")),
    ("POST", "/vouchers/{voucher}/void", None, ("sales_invoice", "void")),
    ("GET", "/deliveries", None, ("deliveries", "view")),
    ("GET", "/deliveries/{delivery}", None, ("deliveries", "view")),
    ("POST", "/deliveries/{delivery}/cancel", None, ("sales_invoice", "send")),
    ("POST", "/deliveries/{delivery}/resend", None, ("sales_invoice", "send")),
    ("POST", "/deliveries/{delivery}/resolve", {"as": "sent"}, ("sales_invoice", "send")),
]  # fmt: skip
#: What else one needs.
BESIDES = {"/deliveries/{delivery}": ("sales_invoice", "view")}
OF_A_ROW = [endpoint for endpoint in ENDPOINTS if "{" in endpoint[1]]


def _ask(program: Api, method: str, path: str, body: object, **ids: str) -> tuple[int, object]:
    content_type = "application/pdf" if body == "pdf" else "application/json"
    given = (
        pdf_bytes("OTRO") if body == "pdf" else posted(external_id="FV-43", number=43) if body == "voucher" else body
    )
    answer = program.call(method, path.format(**ids), given, content_type=content_type)
    if answer.status >= 400:
        assert answer.headers["Content-Type"] == CONTENT_TYPE
        assert set(answer.body) == {"type", "title", "status", "detail", "errors"}
        assert answer.body["status"] == answer.status
    return answer.status, answer.body


@pytest.mark.parametrize(
    "path", ["/vouchers", "/deliveries", "/nada", "/vouchers/x/y/z", "/", "/openapi.json/x", f"/vouchers/{NOBODY}"]
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "PUT"])
def test_a_wrong_key_is_401_whatever_the_path(people: Cast, client_: Client, method: str, path: str) -> None:
    for key in ("", "acuse_inventada", "ñandú"):
        answer = Api(client_, key).call(method, path)
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert answer.body["errors"][0]["code"] == "unauthorized"


def test_a_request_without_the_header_or_with_another_scheme_is_401(api: Api) -> None:
    assert api.client.get("/api/v1/vouchers").status_code == 401
    assert api.client.get("/api/v1/vouchers", headers={"Authorization": f"Basic {api.key}"}).status_code == 401
    assert api.client.get("/api/v1/vouchers", headers={"Authorization": api.key}).status_code == 401


def test_a_revoked_key_is_401(api: Api) -> None:
    ApiKey.objects.update(revoked_at=clock.now())
    assert api.get("/vouchers").status == 401


@pytest.mark.parametrize(("method", "path", "body", "grant"), OF_A_ROW)
def test_another_companys_row_is_404(
    api: Api, stranger: Api, method: str, path: str, body: object, grant: tuple[str, str]
) -> None:
    voucher = api.registered(deliver="now")
    ids = {"voucher": voucher["id"], "delivery": voucher["deliveries"][0]["id"]}
    assert _ask(stranger, method, path, body, **ids)[0] == 404
    after = api.get(f"/vouchers/{voucher['id']}").body
    assert after == voucher


@pytest.mark.parametrize(("method", "path", "body", "grant"), OF_A_ROW)
@pytest.mark.parametrize("wrong", [NOBODY, "x", "1", "%00", "{7", NOBODY.replace("-", ""), NOBODY.upper() + "a", "ñ"])
def test_an_unknown_or_malformed_id_is_404(
    api: Api, method: str, path: str, body: object, grant: tuple[str, str], wrong: str
) -> None:
    assert _ask(api, method, path, body, voucher=wrong, delivery=wrong)[0] == 404


@pytest.mark.parametrize(("method", "path", "body", "grant"), ENDPOINTS)
def test_each_endpoint_needs_its_permission_and_no_other(
    api: Api, office: Cast, method: str, path: str, body: object, grant: tuple[str, str]
) -> None:
    voucher = api.registered(deliver="now")
    ids = {"voucher": voucher["id"], "delivery": voucher["deliveries"][0]["id"]}
    every = {(page, action) for _, _, _, (page, action) in ENDPOINTS}
    without = Api(api.client, key_of(office.company, *(every - {grant})))
    assert _ask(without, method, path, body, **ids)[0] == 403
    besides = (BESIDES[path],) if method == "GET" and path in BESIDES else ()
    only = Api(api.client, key_of(office.company, grant, *besides))
    status, answer = _ask(only, method, path, body, **ids)
    assert status in (200, 201, 409, 422), answer


def test_seeing_deliveries_is_seeing_those_of_the_kinds_that_the_key_may_see(api: Api, office: Cast) -> None:
    delivery = api.registered(deliver="now")["deliveries"][0]["id"]
    reader = Api(api.client, key_of(office.company, ("deliveries", "view"), ("quote", "view")))
    assert reader.get("/deliveries").body == {"items": [], "next": None, "count": 0}
    assert reader.get(f"/deliveries/{delivery}").status == 403
    both = Api(api.client, key_of(office.company, ("deliveries", "view"), ("sales_invoice", "view")))
    assert [item["id"] for item in both.get("/deliveries").body["items"]] == [delivery]
    assert both.get(f"/deliveries/{delivery}").body["id"] == delivery


def test_sending_at_once_needs_the_permission_to_send(api: Api, office: Cast) -> None:
    creator = Api(api.client, key_of(office.company, ("sales_invoice", "create")))
    assert creator.post("/vouchers", posted(deliver="now")).status == 403
    assert creator.post("/vouchers", posted(deliver="auto")).status == 201


def test_replacing_needs_the_permission_to_edit_also_of_what_it_was(api: Api, office: Cast) -> None:
    api.registered()
    creator = Api(api.client, key_of(office.company, ("sales_invoice", "create")))
    assert creator.post("/vouchers", posted(total="1.00", replace=True)).status == 403
    quotes = Api(api.client, key_of(office.company, ("quote", "create"), ("quote", "edit")))
    quote = posted(kind="quote", arca_type=None, cae=None, replace=True)
    assert quotes.post("/vouchers", quote).status == 403
    assert api.get("/vouchers").body["items"][0]["kind"] == "sales_invoice"


def test_a_list_shows_only_the_kinds_that_the_key_may_see(api: Api, office: Cast) -> None:
    api.registered()
    reader = Api(api.client, key_of(office.company, ("quote", "view")))
    assert reader.get("/vouchers").body == {"items": [], "next": None, "count": 0}
    assert reader.get("/vouchers?kind=quote&kind=sales_invoice").status == 403


def test_another_companys_lists_are_empty(api: Api, stranger: Api) -> None:
    voucher = api.registered(deliver="now")
    empty: dict[str, object] = {"items": [], "next": None, "count": 0}
    assert stranger.get("/vouchers").body == empty
    assert stranger.get("/deliveries").body == empty
    assert stranger.get(f"/deliveries?voucher={voucher['id']}").body == empty


def test_the_use_of_a_key_is_noted_once_a_minute(api: Api) -> None:
    api.get("/vouchers")
    row = ApiKey.objects.get()
    first = row.last_used_at
    assert first is not None
    api.get("/vouchers")
    row.refresh_from_db()
    assert row.last_used_at == first
    ApiKey.objects.update(last_used_at=first - timedelta(seconds=61))
    api.get("/vouchers")
    row.refresh_from_db()
    assert row.last_used_at is not None
    assert row.last_used_at >= first


def test_an_unknown_path_is_404_and_a_wrong_method_405(api: Api) -> None:
    assert api.get("/nada").body["errors"][0]["code"] == "not_found"
    refused = api.call("DELETE", "/vouchers")
    assert (refused.status, refused.headers["Content-Type"]) == (405, CONTENT_TYPE)
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "POST"}


def test_what_nobody_foresaw_is_a_500_problem_that_tells_nothing(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secreto interno")

    monkeypatch.setattr("acuse.api.vouchers.vouchers_json", broken)
    answer = api.get("/vouchers")
    assert (answer.status, answer.headers["Content-Type"]) == (500, CONTENT_TYPE)
    assert "secreto" not in str(answer.body)


def test_the_document_and_its_page_need_no_key(people: Cast, client_: Client) -> None:
    assert client_.get("/api/v1/openapi.json").status_code == 200
    page = client_.get("/api/v1/docs")
    assert page.status_code == 200
    text = page.content.decode()
    assert "ninja/swagger-ui" in text
    assert "http://" not in text
    assert "https://" not in text


def test_a_contact_of_a_party_that_there_was_is_added_by_who_may_edit_that_party(api: Api, office: Cast) -> None:
    grants = (("sales_invoice", "create"), ("sales_invoice", "send"))
    narrow = Api(api.client, key_of(office.company, *grants))
    editor = Api(api.client, key_of(office.company, *grants, ("customers", "edit")))
    voucher = narrow.registered()
    assert Contact.objects.get().mobile == "+5493415550199", "the party came with it"
    again = posted(external_id="FV-43", number=43)
    assert narrow.post("/vouchers", again).status == 201, "nothing new about the contact"
    again = posted(external_id="FV-44", number=44)
    again["party"]["contacts"] = [{"mobile": "11 5555-0123"}]
    sending = {"contacts": [{"mobile": "11 5555-0123"}]}
    for path, body in (("/vouchers", again), (f"/vouchers/{voucher['id']}/send", sending)):
        answer = narrow.post(path, body)
        assert (answer.status, answer.body["errors"][0]["code"]) == (403, "not_allowed")
    assert (Contact.objects.count(), Delivery.objects.count()) == (1, 0)
    assert narrow.post(f"/vouchers/{voucher['id']}/send", {"contacts": [{"mobile": "341 555-0199"}]}).status == 200
    assert editor.post(f"/vouchers/{voucher['id']}/send", sending).status == 200
    assert editor.post("/vouchers", again).status == 201
