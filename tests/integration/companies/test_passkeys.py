from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from fido2.webauthn import AuthenticatorData

from acuse.companies.identity import passkeys, second_factor
from acuse.companies.models import AuditEntry, Passkey, UsedChallenge, User
from acuse.companies.services import CompanyError
from acuse.kernel import clock
from tests.conftest import Cast
from tests.data.softkey import SoftKey

HOST = "localhost"


def _add(user: User, key: SoftKey, name: str = "Teléfono") -> list[str] | None:
    options, state = passkeys.begin_adding(user, host=HOST)
    return passkeys.add(user, name=name, answer=key.create(options), state=state, host=HOST)


def _prove(key: SoftKey, *, user: User | None = None, host: str = HOST) -> User:
    options, state = passkeys.begin_proving(user, host=host)
    return passkeys.prove(answer=key.get(options), state=state, host=host, user=user)


def test_a_passkey_names_its_person_by_itself(people: Cast) -> None:
    key = SoftKey()
    codes = _add(people.ana, key)
    assert codes is not None
    assert len(codes) == second_factor.RECOVERY_CODES
    assert _prove(key) == people.ana
    assert _prove(key, user=people.ana) == people.ana
    row = Passkey.objects.get()
    assert row.uses == 2
    assert row.last_used_at is not None
    assert AuditEntry.objects.get(event="two_factor.on").detail == {"by": "passkey", "name": "Teléfono"}


def test_another_one_makes_no_more_recovery_codes_and_the_same_one_is_refused(people: Cast) -> None:
    key = SoftKey()
    _add(people.ana, key)
    assert _add(people.ana, SoftKey(), "Compu") is None
    with pytest.raises(CompanyError, match="ya está cargada"):
        _add(people.ana, key)


def test_the_browser_is_told_which_ones_there_are(people: Cast) -> None:
    key = SoftKey()
    _add(people.ana, key)
    adding, _ = passkeys.begin_adding(people.ana, host=HOST)
    asking, _ = passkeys.begin_proving(people.ana, host=HOST)
    nobody, _ = passkeys.begin_proving(None, host=HOST)
    assert len(adding["excludeCredentials"]) == len(asking["allowCredentials"]) == 1
    assert not nobody.get("allowCredentials")
    assert adding["authenticatorSelection"]["userVerification"] == asking["userVerification"] == "required"


def test_a_passkey_that_acuse_does_not_know_enters_nobody(people: Cast) -> None:
    _add(people.ana, SoftKey())
    with pytest.raises(CompanyError, match="no conoce esa llave"):
        _prove(SoftKey())


def test_a_passkey_of_another_person_is_no_second_step(people: Cast) -> None:
    key = SoftKey()
    _add(people.carla, key)
    with pytest.raises(CompanyError, match="no conoce esa llave"):
        _prove(key, user=people.ana)


def test_a_deactivated_person_does_not_enter_by_it(people: Cast) -> None:
    key = SoftKey()
    _add(people.ana, key)
    people.ana.is_active = False
    people.ana.save()
    with pytest.raises(CompanyError):
        _prove(key)


def test_an_answer_to_another_challenge_is_refused(people: Cast) -> None:
    key = SoftKey()
    _add(people.ana, key)
    first, _ = passkeys.begin_proving(None, host=HOST)
    _, second = passkeys.begin_proving(None, host=HOST)
    with pytest.raises(CompanyError, match="No pudimos comprobar"):
        passkeys.prove(answer=key.get(first), state=second, host=HOST)


@pytest.mark.parametrize(
    "origin", ["https://otro.example", "http://localhost:9999", "http://localhost.otro.example", "http://acuse.example"]
)
def test_an_answer_given_to_another_site_is_refused(people: Cast, origin: str) -> None:
    key = SoftKey()
    _add(people.ana, key)
    key.origin = origin
    with pytest.raises(CompanyError, match="No pudimos comprobar"):
        _prove(key)


def test_a_name_needs_tls(people: Cast) -> None:
    host = "acuse.example"
    key = SoftKey("https://acuse.example", host)
    options, state = passkeys.begin_adding(people.ana, host=host)
    passkeys.add(people.ana, name="", answer=key.create(options), state=state, host=host)
    assert Passkey.objects.get().name == "Llave de acceso"
    assert _prove(key, host=host) == people.ana
    key.origin = "http://acuse.example"
    with pytest.raises(CompanyError):
        _prove(key, host=host)


def test_a_finger_or_a_pin_is_required(people: Cast) -> None:
    key = SoftKey()
    _add(people.ana, key)
    key.flags = AuthenticatorData.FLAG.UP
    with pytest.raises(CompanyError):
        _prove(key)


def test_a_count_that_goes_back_is_a_copy(people: Cast) -> None:
    key = SoftKey()
    _add(people.ana, key)
    _prove(key)
    _prove(key)
    key.uses = 0
    with pytest.raises(CompanyError, match="parece una copia"):
        _prove(key)


@pytest.mark.parametrize(
    "answer", [{}, {"id": "x"}, {"rawId": 5, "response": []}, {"response": {"clientDataJSON": "é"}}]
)
def test_an_answer_that_makes_no_sense_is_refused_in_words(people: Cast, answer: dict[str, Any]) -> None:
    with pytest.raises(CompanyError):
        passkeys.prove(answer=answer, state={}, host=HOST)
    with pytest.raises(CompanyError):
        passkeys.add(people.ana, name="x", answer=answer, state={}, host=HOST)
    assert second_factor.of(people.ana) is None


def test_the_last_one_takes_the_second_step_with_it(people: Cast) -> None:
    _add(people.ana, SoftKey())
    _add(people.ana, SoftKey(), "Compu")
    first, last = second_factor.passkeys_of(people.ana)
    passkeys.remove(first)
    assert second_factor.of(people.ana) is not None
    passkeys.remove(last)
    assert second_factor.of(people.ana) is None
    events = list(AuditEntry.objects.order_by("id").values_list("event", flat=True))
    assert events[-3:] == ["passkey.removed", "passkey.removed", "two_factor.off"]


def test_it_is_renamed(people: Cast) -> None:
    _add(people.ana, SoftKey())
    passkeys.rename(Passkey.objects.get(), name="  La compu   del mostrador ")
    assert Passkey.objects.get().name == "La compu del mostrador"


def test_there_is_a_most(people: Cast) -> None:
    for _ in range(passkeys.MOST):
        _add(people.ana, SoftKey())
    with pytest.raises(CompanyError, match="Ya tenés 10"):
        _add(people.ana, SoftKey())


def test_a_challenge_enters_once_and_one_that_was_answered_wrong_is_still_good(people: Cast) -> None:
    key = SoftKey()
    _add(people.ana, key)
    options, state = passkeys.begin_proving(None, host=HOST)
    with pytest.raises(passkeys.Refused):
        passkeys.prove(answer=SoftKey().get(options), state=state, host=HOST)
    assert not UsedChallenge.objects.exists(), "a stranger leaves nothing"
    assert passkeys.prove(answer=key.get(options), state=state, host=HOST) == people.ana
    with pytest.raises(CompanyError, match="ya se entró") as refused:
        passkeys.prove(answer=key.get(options), state=state, host=HOST)
    assert not isinstance(refused.value, passkeys.Refused), "it isn't counted as a guess"
    assert _prove(key) == people.ana


def test_challenges_are_forgotten_when_nobody_can_answer_them_any_more(people: Cast) -> None:
    key = SoftKey()
    _add(people.ana, key)
    _prove(key)
    _prove(key)
    old = UsedChallenge.objects.order_by("used_at").first()
    assert old is not None
    UsedChallenge.objects.filter(pk=old.pk).update(used_at=clock.now() - timedelta(minutes=21))
    assert passkeys.forget_challenges() == 1
    assert UsedChallenge.objects.exclude(pk=old.pk).count() == 1
