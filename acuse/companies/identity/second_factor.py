"""The second factor: codes of an app, recovery codes, and the limit of wrong ones."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.db.models import QuerySet

from acuse.companies.identity import signing_in
from acuse.companies.models import Passkey, RecoveryCode, SecondFactor, User
from acuse.companies.secrets.crypto import Secret
from acuse.companies.services import CompanyError, digest_of
from acuse.kernel import clock, totp

RECOVERY_CODES = 10
#: After so many wrong codes of one person, from whatever address, none is taken until the wait ends.
WRONG_LIMIT = 10
WRONG_WAIT = timedelta(minutes=15)


class Proof(StrEnum):
    #: A code of the app.
    APP = "app"
    #: A recovery code, which won't serve again.
    RECOVERY = "recovery"


class TooManyCodes(Exception):
    """No code is taken until then, not even the right one."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"blocked until {until.isoformat()}")
        self.until = until


def of(user: User) -> SecondFactor | None:
    return SecondFactor.objects.filter(user=user).first()


def passkeys_of(user: User) -> QuerySet[Passkey]:
    return Passkey.objects.filter(factor__user=user).order_by("created_at")


def unused_codes(user: User) -> int:
    return RecoveryCode.objects.filter(factor__user=user, used_at=None).count()


@transaction.atomic
def turn_on_app(user: User, *, key: str, code: str) -> list[str] | None:
    """The app's key, proved by one of its codes. The recovery codes, when these are the first ones.

    Raises CompanyError when the code isn't the app's.
    """
    step = totp.matching_step(key, _compact(code), clock.now())
    if step is None:
        raise CompanyError(
            "code",
            "Ese código no es. Escribí el que la app muestra ahora, y revisá que la hora del teléfono sea la correcta.",
        )
    factor = ensure(user)
    factor.key, factor.last_step = Secret(key), step
    factor.save(update_fields=["key", "last_step"])
    signing_in.note(user, "two_factor.on", by="app")
    return first_recovery_codes(factor)


@transaction.atomic
def turn_off(user: User) -> None:
    """The app, the recovery codes and the passkeys: the password alone enters again."""
    deleted, _ = SecondFactor.objects.filter(user=user).delete()
    if deleted:
        signing_in.note(user, "two_factor.off", by="all")


@transaction.atomic
def new_recovery_codes(user: User) -> list[str]:
    """The ones before stop serving."""
    codes = _write_codes(SecondFactor.objects.select_for_update().get(user=user))
    signing_in.note(user, "two_factor.codes_made")
    return codes


def first_recovery_codes(factor: SecondFactor) -> list[str] | None:
    """None when there are some already, which keep serving."""
    return None if factor.recovery_codes.exists() else _write_codes(factor)


def prove(user: User, code: str) -> Proof | None:
    """Whether the code is one of the app's, or a recovery code. Neither is taken twice. Raises TooManyCodes."""
    with transaction.atomic():
        factor = SecondFactor.objects.select_for_update().filter(user=user).first()
        if factor is None:
            return None
        now = clock.now()
        _require_calm(factor, now)
        proof = _proof(factor, _compact(code), now)
        if proof is None:
            _count_wrong(factor, now)
        else:
            factor.wrong, factor.wrong_since = 0, None
        factor.save(update_fields=["last_step", "wrong", "wrong_since"])
        return proof


def ensure(user: User) -> SecondFactor:
    """The user's row, locked."""
    SecondFactor.objects.get_or_create(user=user)
    return SecondFactor.objects.select_for_update().get(user=user)


def _proof(factor: SecondFactor, code: str, now: datetime) -> Proof | None:
    if len(code) == totp.DIGITS:
        step = totp.matching_step(factor.key.reveal(), code, now, after=factor.last_step) if factor.key else None
        if step is None:
            return None
        factor.last_step = step
        return Proof.APP
    used = factor.recovery_codes.filter(digest=digest_of(code), used_at=None).update(used_at=now)
    return Proof.RECOVERY if used else None


def _require_calm(factor: SecondFactor, now: datetime) -> None:
    if factor.wrong_since is not None and factor.wrong_since + WRONG_WAIT <= now:
        factor.wrong, factor.wrong_since = 0, None
    if factor.wrong >= WRONG_LIMIT and factor.wrong_since is not None:
        raise TooManyCodes(factor.wrong_since + WRONG_WAIT)


def _count_wrong(factor: SecondFactor, now: datetime) -> None:
    factor.wrong += 1
    # the wait begins with the first, and again with the one that fills the limit
    if factor.wrong_since is None or factor.wrong >= WRONG_LIMIT:
        factor.wrong_since = now


def _write_codes(factor: SecondFactor) -> list[str]:
    """60 bits each: a digest of one can't be turned back by trying."""
    factor.recovery_codes.all().delete()
    codes = [_new_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        [RecoveryCode(factor=factor, digest=digest_of(_compact(code))) for code in codes]
    )  # fmt: skip
    return codes


def _new_code() -> str:
    text = base64.b32encode(secrets.token_bytes(10)).decode().lower()[:12]
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def _compact(code: str) -> str:
    """As people type it: with spaces, hyphens, capitals."""
    return "".join(code.split()).replace("-", "").lower()
