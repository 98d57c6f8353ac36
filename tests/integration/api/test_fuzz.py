"""Whatever is posted, the answer is one of the API's own, and never a 500."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from acuse.api.problems import CONTENT_TYPE
from acuse.api.schemas import VoucherIn
from tests.integration.api.conftest import Api, posted

TEXT = st.text(max_size=200)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)
DATES = st.dates().map(lambda day: day.isoformat())
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False, places=2).map(str) | st.from_regex(
    r"-?[0-9]{1,14}(\.[0-9]{1,7})?", fullmatch=True
)
KINDS = st.sampled_from(
    ["sales_invoice", "receipt", "payment_order", "withholding_certificate", "purchase_order", "quote", "sales_order"]
)
CONTACT = st.fixed_dictionaries(
    {},
    optional={
        "name": TEXT,
        "mobile": TEXT | st.from_regex(r"[0-9+() \-]{1,20}", fullmatch=True),
        "email": TEXT | st.emails(),
        "kinds": st.lists(KINDS, max_size=3) | st.none(),
    },
)
PARTY = st.fixed_dictionaries(
    {"kind": st.sampled_from(["customer", "supplier", "bank"]), "name": TEXT},
    optional={
        "tax_id": TEXT | st.from_regex(r"[0-9]{7,11}", fullmatch=True),
        "external_id": TEXT,
        "class": TEXT,
        "contacts": st.lists(CONTACT, max_size=3),
    },
)
SHAPED: dict[str, st.SearchStrategy[Any]] = {
    "external_id": TEXT,
    "kind": KINDS,
    "issued_on": DATES,
    "party": PARTY,
    "currency": st.sampled_from(["ARS", "PES", "USD", "DOL", "060", "XDR", "049"]),
    "total": AMOUNTS,
    "arca_type": st.integers(-1, 40_000),
    "point_of_sale": st.integers(-1, 100_001),
    "number": st.integers(-1, 100_000_001),
    "due_on": DATES,
    "exchange_rate": AMOUNTS,
    "electronic": st.booleans(),
    "cae": TEXT | st.from_regex(r"[0-9]{14}", fullmatch=True),
    "cae_type": st.sampled_from(["cae", "caea"]),
    "cae_due_on": DATES,
    "authorization": st.sampled_from(["pending", "approved", "observed", "rejected"]),
    "pdf_base64": TEXT,
    "deliver": st.sampled_from(["never", "auto", "now"]),
    "replace": st.booleans(),
}
CHANGES = st.lists(st.sampled_from(sorted(SHAPED)), max_size=5, unique=True).flatmap(
    lambda names: st.fixed_dictionaries({name: SHAPED[name] | JSON for name in names})
)
OUR_STATUSES = frozenset({200, 201, 409, 413, 415, 422})
FUZZ = settings(
    max_examples=150, deadline=None, derandomize=True, database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip


def test_the_fuzz_knows_every_field() -> None:
    assert set(SHAPED) == set(VoucherIn.model_fields)


def _check(answer: Any) -> None:
    assert answer.status in OUR_STATUSES, answer.body
    if answer.status >= 400:
        assert answer.headers["Content-Type"] == CONTENT_TYPE
        assert answer.body["errors"]


def test_posting_a_voucher_never_breaks(api: Api) -> None:
    statuses: Counter[int] = Counter()

    @FUZZ
    @given(changes=CHANGES)
    def post(changes: dict[str, Any]) -> None:
        answer = api.post("/vouchers", {**posted(pdf_base64=None), **changes})
        statuses[answer.status] += 1
        _check(answer)

    post()
    # it went all the way in, and not only to the first check
    assert {200, 201, 409, 422} <= set(statuses), statuses


@FUZZ
@given(body=JSON)
def test_posting_any_json_never_breaks(api: Api, body: Any) -> None:
    _check(api.post("/vouchers", body))


@FUZZ
@given(raw=st.binary(max_size=200))
def test_posting_any_bytes_never_breaks(api: Api, raw: bytes) -> None:
    _check(api.post("/vouchers", raw))


@FUZZ
@given(contacts=st.lists(CONTACT | JSON, max_size=3), again=st.booleans() | JSON)
def test_sending_never_breaks(api: Api, contacts: list[Any], again: Any) -> None:
    voucher = api.post("/vouchers", posted(pdf_base64=None)).body
    _check(api.post(f"/vouchers/{voucher['id']}/send", {"contacts": contacts, "again": again}))


@FUZZ
@given(observations=st.lists(JSON, max_size=3), cae=SHAPED["cae"] | JSON, due=DATES | JSON)
def test_authorising_never_breaks(api: Api, observations: list[Any], cae: Any, due: Any) -> None:
    voucher = api.post("/vouchers", posted(pdf_base64=None, cae=None)).body
    body = {"result": "observed", "cae": cae, "cae_due_on": due, "observations": observations}
    _check(api.post(f"/vouchers/{voucher['id']}/authorize", body))
