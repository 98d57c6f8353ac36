from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from acuse.companies.identity import second_factor
from acuse.companies.identity.second_factor import Proof, TooManyCodes
from acuse.companies.models import AuditEntry, SecondFactor, User
from acuse.companies.secrets.crypto import Secret
from acuse.companies.services import CompanyError
from acuse.kernel import clock, totp
from tests.conftest import Cast

KEY = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
START = datetime(2026, 11, 24, 12, tzinfo=UTC)

Wait = Callable[[timedelta], None]


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Wait:
    now = START
    monkeypatch.setattr(clock, "now", lambda: now)

    def later(more: timedelta) -> None:
        nonlocal now
        now += more

    return later


@pytest.fixture
def ana(people: Cast, wait: Wait) -> User:
    codes = second_factor.turn_on_app(people.ana, key=KEY, code=_code())
    assert codes is not None
    wait(timedelta(minutes=5))
    user: User = people.ana
    return user


def _code(steps: int = 0) -> str:
    return totp.code_of(KEY, totp.step_at(clock.now()) + steps)


def test_the_app_is_turned_on_by_one_of_its_codes_only(people: Cast, wait: Wait) -> None:
    with pytest.raises(CompanyError, match="Ese código no es"):
        second_factor.turn_on_app(people.ana, key=KEY, code="000000")
    assert second_factor.of(people.ana) is None
    codes = second_factor.turn_on_app(people.ana, key=KEY, code=_code())
    assert codes is not None
    assert len(set(codes)) == second_factor.RECOVERY_CODES
    entry = AuditEntry.objects.get(event="two_factor.on")
    assert (entry.company, entry.target) == (people.company, "ana@oeste.example")


def test_the_key_is_encrypted_at_rest_and_the_recovery_codes_are_digests(people: Cast, wait: Wait) -> None:
    from django.db import connection

    codes = second_factor.turn_on_app(people.ana, key=KEY, code=_code())
    assert codes is not None
    with connection.cursor() as cursor:
        cursor.execute("select key from companies_secondfactor")
        (kept,) = cursor.fetchone()
        cursor.execute("select digest from companies_recoverycode")
        digests = {row[0] for row in cursor.fetchall()}
    assert KEY not in kept
    assert SecondFactor.objects.get().key == Secret(KEY)
    assert {len(digest) for digest in digests} == {64}
    assert not digests & {code.replace("-", "") for code in codes}


def test_a_code_of_the_app_enters_once(ana: User) -> None:
    code = _code()
    assert second_factor.prove(ana, code) is Proof.APP
    assert second_factor.prove(ana, code) is None
    assert second_factor.prove(ana, _code(-1)) is None
    assert second_factor.prove(ana, _code(+1)) is Proof.APP


def test_a_code_may_be_typed_with_a_space(ana: User) -> None:
    code = _code()
    assert second_factor.prove(ana, f" {code[:3]} {code[3:]} ") is Proof.APP


def test_a_recovery_code_enters_once_however_it_is_typed(ana: User) -> None:
    code = second_factor.new_recovery_codes(ana)[0]
    assert second_factor.prove(ana, code.upper().replace("-", " ")) is Proof.RECOVERY
    assert second_factor.prove(ana, code) is None
    assert second_factor.unused_codes(ana) == second_factor.RECOVERY_CODES - 1


def test_new_recovery_codes_replace_the_ones_before(ana: User) -> None:
    before = second_factor.new_recovery_codes(ana)[0]
    after = second_factor.new_recovery_codes(ana)[0]
    assert second_factor.prove(ana, before) is None
    assert second_factor.prove(ana, after) is Proof.RECOVERY


def test_moving_the_app_to_another_phone_keeps_the_recovery_codes(ana: User) -> None:
    code = second_factor.new_recovery_codes(ana)[0]
    assert second_factor.turn_on_app(ana, key=KEY, code=_code()) is None
    assert second_factor.prove(ana, code) is Proof.RECOVERY


def test_the_codes_of_another_person_do_not_enter(ana: User, people: Cast) -> None:
    recovery = second_factor.new_recovery_codes(ana)[0]
    other = totp.new_key()
    second_factor.turn_on_app(people.beto, key=other, code=totp.code_of(other, totp.step_at(clock.now())))
    assert second_factor.prove(people.beto, recovery) is None
    assert second_factor.prove(people.beto, _code()) is None


def test_after_many_wrong_codes_not_even_the_right_one_is_taken_until_the_wait_ends(ana: User, wait: Wait) -> None:
    for _ in range(second_factor.WRONG_LIMIT):
        assert second_factor.prove(ana, "000000") is None
    with pytest.raises(TooManyCodes) as refused:
        second_factor.prove(ana, _code())
    assert refused.value.until == clock.now() + second_factor.WRONG_WAIT
    wait(second_factor.WRONG_WAIT)
    assert second_factor.prove(ana, _code()) is Proof.APP


def test_wrong_codes_of_long_ago_do_not_count(ana: User, wait: Wait) -> None:
    for _ in range(second_factor.WRONG_LIMIT - 1):
        second_factor.prove(ana, "000000")
    wait(second_factor.WRONG_WAIT)
    assert second_factor.prove(ana, "000000") is None
    assert second_factor.prove(ana, _code()) is Proof.APP


def test_turning_it_off_deletes_all_of_it(ana: User) -> None:
    second_factor.turn_off(ana)
    assert second_factor.of(ana) is None
    assert second_factor.unused_codes(ana) == 0
    assert second_factor.prove(ana, _code()) is None
    assert AuditEntry.objects.filter(event="two_factor.off").count() == 1
