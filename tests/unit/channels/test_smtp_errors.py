import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.channels.contract import Scope, Verdict
from acuse.channels.email.errors import Stage, decide

RETRY, REJECTED, SUSPENDED, UNKNOWN = Verdict.RETRY, Verdict.REJECTED, Verdict.SUSPENDED, Verdict.UNKNOWN
DELIVERY, RECIPIENT, LANE = Scope.DELIVERY, Scope.RECIPIENT, Scope.LANE


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("code", [421, 450, 451, 452, 454, 499])
def test_a_4yz_is_tried_again_wherever_it_comes(stage: Stage, code: int) -> None:
    refusal = decide(stage, code, "4.3.0 Try later")
    assert (refusal.verdict, refusal.scope, refusal.cause.code) == (RETRY, DELIVERY, f"smtp.{code}")


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("code", [530, 534, 535, 538])
def test_an_authentication_code_stops_the_lane_wherever_it_comes(stage: Stage, code: int) -> None:
    refusal = decide(stage, code, "5.7.8 Bad credentials")
    assert (refusal.verdict, refusal.scope) == (SUSPENDED, LANE)


@pytest.mark.parametrize(
    ("stage", "code", "text", "verdict", "scope"),
    [
        (Stage.CONNECT, 554, "No service for you", SUSPENDED, LANE),
        (Stage.HELLO, 502, "What?", SUSPENDED, LANE),
        (Stage.AUTH, 501, "Malformed", SUSPENDED, LANE),
        (Stage.MAIL, 550, "5.7.1 Not allowed", SUSPENDED, LANE),
        (Stage.MAIL, 553, "Sender rejected", SUSPENDED, LANE),
        (Stage.MAIL, 552, "5.3.4 Too big", REJECTED, DELIVERY),
        (Stage.RCPT, 550, "5.1.1 No such user", REJECTED, RECIPIENT),
        (Stage.RCPT, 501, "Bad address", REJECTED, RECIPIENT),
        (Stage.RCPT, 551, "Moved", REJECTED, RECIPIENT),
        (Stage.RCPT, 552, "5.2.2 Mailbox full", REJECTED, RECIPIENT),
        (Stage.RCPT, 553, "No", REJECTED, RECIPIENT),
        (Stage.RCPT, 554, "5.7.1 No", REJECTED, RECIPIENT),
        (Stage.RCPT, 599, "", REJECTED, RECIPIENT),
        (Stage.DATA, 550, "5.7.1 Spam", REJECTED, DELIVERY),
        (Stage.DATA, 552, "5.3.4 Too big", REJECTED, DELIVERY),
        (Stage.DATA, 554, "No", REJECTED, DELIVERY),
        (Stage.DATA, 521, "", REJECTED, DELIVERY),
        (Stage.DATA, -1, "garbage", UNKNOWN, DELIVERY),
        (Stage.DATA, 250, "what", UNKNOWN, DELIVERY),
        (Stage.MAIL, -1, "garbage", RETRY, DELIVERY),
    ],
)
def test_a_5yz_stops_what_the_stage_names(stage: Stage, code: int, text: str, verdict: Verdict, scope: Scope) -> None:
    refusal = decide(stage, code, text)
    assert (refusal.verdict, refusal.scope) == (verdict, scope)


@pytest.mark.parametrize(
    ("code", "text", "words"),
    [
        (550, "5.1.1 x", "no existe"),
        (550, "5.2.2 Over quota", "llena"),
        (552, "Quota", "llena"),
        (550, "5.2.1 Disabled", "desactivada"),
        (550, "5.1.2 x", "dominio"),
    ],
)
def test_the_recipients_cause_is_the_nearest_known(code: int, text: str, words: str) -> None:
    assert words in decide(Stage.RCPT, code, text).cause.text


@pytest.mark.parametrize("text", ["4.7.0 Too many messages", "4.7.28 Rate limit", "4.5.3 Too many recipients"])
def test_a_rate_limit_slows_the_lane_down(text: str) -> None:
    assert decide(Stage.RCPT, 421, text).slow_down
    assert not decide(Stage.RCPT, 451, "4.7.1 Greylisted").slow_down


@given(st.sampled_from(Stage), st.integers(), st.text())
def test_no_answer_makes_it_raise(stage: Stage, code: int, text: str) -> None:
    refusal = decide(stage, code, text)
    json.dumps(dict(refusal.detail), ensure_ascii=False).encode()
    assert refusal.cause.text.endswith(".")


def test_only_data_can_leave_a_doubt() -> None:
    doubts = {s for s in Stage for code in range(-1, 700) if decide(s, code, "").verdict is UNKNOWN}
    assert doubts == {Stage.DATA}
