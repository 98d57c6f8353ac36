"""Secrets at rest: Fernet with the installation's key, older keys still read until `acuse rotate_secrets` has run."""

from __future__ import annotations

import base64
import hashlib
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models


class UnreadableSecret(Exception):
    """The stored secret was encrypted with a key that is no longer here."""

    def __init__(self) -> None:
        super().__init__(
            "Un secreto guardado no se puede leer con la clave actual. "
            "Agregá la clave anterior en ACUSE_OLD_SECRET_KEYS."
        )


def _fernet_key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"acuse.secrets:" + secret.encode()).digest())


@lru_cache(maxsize=4)
def _ring(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(_fernet_key(key)) for key in keys])


def ring() -> MultiFernet:
    return _ring((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def encrypt(plain: str) -> str:
    return ring().encrypt(plain.encode()).decode()


def decrypt(token: str) -> str:
    """Raises UnreadableSecret."""
    try:
        return ring().decrypt(token.encode()).decode()
    except InvalidToken as error:
        raise UnreadableSecret from error


def rotate(token: str) -> str:
    """The same secret under the newest key. Raises UnreadableSecret."""
    try:
        return ring().rotate(token.encode()).decode()
    except InvalidToken as error:
        raise UnreadableSecret from error


class Secret:
    """A secret in memory that shows itself only when asked by name."""

    __slots__ = ("_plain",)

    def __init__(self, plain: str) -> None:
        self._plain = plain

    def reveal(self) -> str:
        return self._plain

    def __bool__(self) -> bool:
        return bool(self._plain)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._plain == self._plain

    def __hash__(self) -> int:
        return hash(self._plain)

    def __repr__(self) -> str:
        return "Secret(····)"

    __str__ = __repr__


class SecretField(models.TextField):  # type: ignore[type-arg]
    """A text that is encrypted in the database and a `Secret` in Python. Blank means: not set."""

    description = "Encrypted text"

    def from_db_value(self, value: str | None, *_: Any) -> Secret:
        return Secret(decrypt(value) if value else "")

    def to_python(self, value: Any) -> Secret:
        return value if isinstance(value, Secret) else Secret(str(value or ""))

    def get_prep_value(self, value: Any) -> str:
        plain = value.reveal() if isinstance(value, Secret) else str(value or "")
        return encrypt(plain) if plain else ""
