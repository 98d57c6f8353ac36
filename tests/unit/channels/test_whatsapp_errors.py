"""Every row of Meta's table, written again by hand as the decision that it must give."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.channels.contract import Refusal, Scope, Verdict
from acuse.channels.whatsapp.error_table import ROWS
from acuse.channels.whatsapp.errors import decide, regain_access

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
DELIVERY, RECIPIENT, TEMPLATE, LANE, ACCOUNT = (
    Scope.DELIVERY, Scope.RECIPIENT, Scope.TEMPLATE, Scope.LANE, Scope.ACCOUNT,
)  # fmt: skip
RETRY, REJECTED, SUSPENDED = Verdict.RETRY, Verdict.REJECTED, Verdict.SUSPENDED

EXPECTED: dict[tuple[Verdict, Scope], list[int]] = {
    (RETRY, DELIVERY): [1, 2, 130429, 131000, 131016, 131053, 133004, 133015, 134101, 135000, 2494100],
    (RETRY, RECIPIENT): [131056],
    (SUSPENDED, ACCOUNT): [
        0, 3, 4, 10, 104, 190, 200, 210, 250, 299, 368, 80007, 131005, 131031, 131042, 131064,
    ],
    (SUSPENDED, LANE): [
        33, 803, 131037, 131045, 131048, 131057, 133000, 133005, 133006, 133008, 133009, 133010, 133016,
    ],
    (SUSPENDED, TEMPLATE): [
        132000, 132001, 132007, 132008, 132012, 132015, 132016, 132018, 132068, 132069,
    ],
    (REJECTED, RECIPIENT): [130472, 130497, 131021, 131026, 131049, 131050, 131062, 137000],
    (REJECTED, DELIVERY): [
        100, 131008, 131009, 131030, 131044, 131047, 131051, 131052, 131055, 131059, 131063, 132005, 132021,
        134011, 134100, 134102, 138000, 138018, 138024, 139200, 141002, 147001, 147002, 147003, 147004, 147005,
        200005, 200006, 200007, 2388001, 2388012, 2388019, 2388040, 2388047, 2388072, 2388073, 2388091, 2388093,
        2388103, 2388293, 2388299, 2388318, 2388330, 2593107, 2593108,
    ],
}  # fmt: skip
CASES = [(code, *decision) for decision, codes in EXPECTED.items() for code in codes]


def refusal(code: Any, details: str = "", **options: Any) -> Refusal:
    error = {"code": code, "message": f"(#{code}) Something", "error_data": {"details": details}}
    return decide(error, now=NOW, **options)


@pytest.mark.parametrize(("code", "verdict", "scope"), CASES)
@pytest.mark.parametrize("status", [0, 400, 401, 403, 500, 503])
def test_each_code_gives_its_decision_whatever_the_status(
    code: int, verdict: Verdict, scope: Scope, status: int
) -> None:
    decision = refusal(code, http_status=status)
    assert (decision.verdict, decision.scope) == (verdict, scope)
    assert decision.cause.code == f"whatsapp.{code}"


def test_every_row_of_the_table_is_expected_here() -> None:
    assert set(ROWS) == {code for code, _, _ in CASES} - {200, 210, 250, 299}


@pytest.mark.parametrize("code", sorted(ROWS))
def test_each_cause_says_what_happened_and_what_to_do(code: int) -> None:
    cause = refusal(code).cause
    for sentence in (cause.text, cause.next_step):
        assert sentence[0].isupper()
        assert sentence.endswith(".")
        assert "!" not in sentence
        assert len(sentence) <= 120


@pytest.mark.parametrize(("code", "tries"), [(1, 3), (131000, 5), (131053, 2), (135000, 2), (2, None)])
def test_tries_are_those_of_the_row(code: int, tries: int | None) -> None:
    assert refusal(code).max_tries == tries


@pytest.mark.parametrize("code", sorted(ROWS))
def test_only_the_pair_limit_names_its_backoff(code: int) -> None:
    assert refusal(code).backoff_base == (4.0 if code == 131056 else None)


@pytest.mark.parametrize("code", sorted(ROWS))
def test_only_an_unusable_file_is_uploaded_again(code: int) -> None:
    assert refusal(code).upload_again == (code == 131053)


@pytest.mark.parametrize("code", sorted(ROWS))
def test_only_the_throughput_limit_slows_the_lane_down(code: int) -> None:
    assert refusal(code).slow_down == (code == 130429)


@pytest.mark.parametrize(
    ("code", "wait"),
    [
        (4, timedelta(minutes=15)),
        (80007, timedelta(minutes=15)),
        (131048, timedelta(hours=4)),
        (131057, timedelta(seconds=60)),
        (133015, timedelta(minutes=5)),
        (133016, timedelta(hours=72)),
        (134101, timedelta(minutes=10)),
    ],
)
def test_waits_without_a_header_are_those_of_the_row(code: int, wait: timedelta) -> None:
    assert refusal(code).not_before == NOW + wait


def test_what_a_person_must_mend_has_no_date() -> None:
    for code in (0, 190, 200, 131042, 33, 133010, 132015):
        assert refusal(code).not_before is None


@pytest.mark.parametrize("name", ["x-business-use-case-usage", "X-App-Usage"])
def test_a_call_limit_waits_for_what_the_header_says(name: str) -> None:
    usage = {"1": [{"call_count": 100, "estimated_time_to_regain_access": 19}, {"type": "x"}]}
    for code in (4, 80007):
        assert refusal(code, headers={name: json.dumps(usage)}).not_before == NOW + timedelta(minutes=19)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", None),
        ("not json", None),
        ("[" * 100_000, None),
        ('{"call_count": 28}', None),
        ('{"estimated_time_to_regain_access": 0}', None),
        ('{"estimated_time_to_regain_access": "5"}', None),
        ('{"estimated_time_to_regain_access": NaN}', None),
        ('{"estimated_time_to_regain_access": true}', None),
        ('{"estimated_time_to_regain_access": 1e300}', timedelta(hours=24)),
        ('{"estimated_time_to_regain_access": Infinity}', timedelta(hours=24)),
        (
            '{"a": [{"estimated_time_to_regain_access": 3}, {"estimated_time_to_regain_access": 7}]}',
            timedelta(minutes=7),
        ),
    ],
)
def test_an_odd_usage_header_harms_nothing(header: str, expected: timedelta | None) -> None:
    assert regain_access({"x-app-usage": header}) == expected


@pytest.mark.parametrize(
    "details",
    [
        "Object with ID '106540352242922' does not exist, cannot be loaded due to missing permissions",
        "The phone_number_id is not valid",
        "Object not found",
    ],
)
def test_an_invalid_parameter_that_is_our_number_stops_the_lane(details: str) -> None:
    decision = refusal(100, details)
    assert (decision.verdict, decision.scope) == (SUSPENDED, LANE)


@pytest.mark.parametrize(
    "details", ["Invalid parameter", "Media object with ID 1037 does not exist", "Direct Send is not enabled"]
)
def test_an_invalid_parameter_of_another_kind_fails_the_message(details: str) -> None:
    assert refusal(100, details).verdict is REJECTED


def test_an_invalid_parameter_with_the_subcode_of_a_missing_object_stops_the_lane() -> None:
    decision = decide({"code": 100, "error_subcode": 33, "message": "Unsupported post request"}, now=NOW)
    assert (decision.verdict, decision.scope) == (SUSPENDED, LANE)


@pytest.mark.parametrize("details", ["Parameter 'to' is not valid", "Invalid recipient", "param to: malformed"])
def test_an_invalid_value_that_is_the_number_flags_the_recipient(details: str) -> None:
    assert refusal(131009, details).scope is RECIPIENT


@pytest.mark.parametrize("details", ["", "Parameter value is not valid, refer to the documentation"])
def test_an_invalid_value_of_another_kind_fails_the_message(details: str) -> None:
    assert refusal(131009, details).scope is DELIVERY


def test_a_text_with_line_ends_does_not_stop_its_template() -> None:
    decision = refusal(132018, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
    assert (decision.verdict, decision.scope) == (REJECTED, DELIVERY)


@pytest.mark.parametrize(
    ("error", "status", "verdict"),
    [
        ({"code": 999_999}, 400, REJECTED),
        ({"code": 999_999}, 500, RETRY),
        ({"code": 999_999, "is_transient": True}, 400, RETRY),
        ({"code": 999_999, "is_transient": "yes"}, 400, REJECTED),
        ({}, 503, RETRY),
        ({}, 0, REJECTED),
        (None, 400, REJECTED),
        ("error", 400, REJECTED),
        ([], 500, RETRY),
    ],
)
def test_an_unknown_code_is_decided_by_status_and_transience(error: Any, status: int, verdict: Verdict) -> None:
    assert decide(error, http_status=status, now=NOW).verdict is verdict


@pytest.mark.parametrize("code", ["131026", " 131026 ", 131026.0])
def test_a_code_may_come_as_text(code: Any) -> None:
    assert refusal(code).cause.code == "whatsapp.131026"


@pytest.mark.parametrize("code", [None, True, "x", [], {}, 10**400, float("nan"), float("inf"), "9" * 5000, 1.5])
def test_a_code_that_is_none_is_unknown(code: Any) -> None:
    assert refusal(code).cause.code == "whatsapp.unknown"


def test_the_detail_keeps_what_meta_said_without_secrets() -> None:
    said = {
        "code": 190,
        "error_subcode": 463,
        "message": "Error validating access token: EAAGsecretAccess0123456789\0\ud800",
        "error_data": {"details": "to +5491123456789"},
        "fbtrace_id": "AbC",
    }
    detail = decide(said, http_status=401, now=NOW).detail
    assert detail["code"] == 190
    assert detail["subcode"] == 463
    assert detail["trace"] == "AbC"
    assert detail["http_status"] == 401
    text = json.dumps(detail, ensure_ascii=False)
    text.encode()
    for secret in ("secretAccess", "1123456789", "\\u0000"):
        assert secret not in text


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)
FIELDS = st.sampled_from(
    ["code", "message", "error_data", "error_subcode", "is_transient", "title", "fbtrace_id", "error_user_msg"]
)


@given(ANY_JSON | st.dictionaries(FIELDS, ANY_JSON | st.sampled_from([100, 131009, 4])), st.integers(0, 599))
def test_no_error_object_makes_it_raise(error: Any, status: int) -> None:
    decision = decide(error, http_status=status, now=NOW)
    json.dumps(decision.detail).encode()
