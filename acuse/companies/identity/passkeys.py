"""Passkeys (WebAuthn): the public halves, and what a browser proves with the other ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db import IntegrityError, transaction
from fido2.server import Fido2Server
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticationResponse,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from acuse.companies.identity import second_factor, signing_in
from acuse.companies.models import Passkey, UsedChallenge, User
from acuse.companies.services import CompanyError, digest_of
from acuse.kernel import clock

#: What the browser and the server hold about a ceremony between its two requests.
State = dict[str, Any]
MOST = 10
#: From a challenge to its answer.
CEREMONY_LIFE = timedelta(minutes=10)

_REFUSED = "No pudimos comprobar la llave de acceso. Probá de nuevo, o entrá con tu contraseña."


def begin_adding(user: User, *, host: str) -> tuple[dict[str, Any], State]:
    """What the browser needs to make one, and what to keep for `add`. `host`: with its port, as the browser sees it."""
    options, state = _server(host).register_begin(
        PublicKeyCredentialUserEntity(id=user.pk.bytes, name=user.email, display_name=str(user)),
        credentials=_credentials(user),
        # by itself it names its person, and asks for a finger, a face or a PIN: it is both factors
        resident_key_requirement=ResidentKeyRequirement.REQUIRED,
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return dict(options)["publicKey"], dict(state)


def add(user: User, *, name: str, answer: dict[str, Any], state: State, host: str) -> list[str] | None:
    """Keep it. The recovery codes, when these are the first ones. Raises CompanyError."""
    try:
        made = _server(host).register_complete(state, answer).credential_data
    except (ValueError, TypeError, KeyError) as error:
        raise CompanyError("passkey", "No pudimos comprobar la llave de acceso. Probá de nuevo.") from error
    if made is None:
        raise CompanyError("passkey", "El navegador no mandó la llave de acceso. Probá de nuevo.")
    try:
        with transaction.atomic():
            factor = second_factor.ensure(user)
            if factor.passkeys.count() >= MOST:
                raise CompanyError("passkey", f"Ya tenés {MOST} llaves de acceso. Quitá una que no uses.")
            Passkey.objects.create(
                factor=factor, name=_named(name), credential_id=made.credential_id, credential=bytes(made)
            )
            signing_in.note(user, "two_factor.on", by="passkey", name=_named(name))
            return second_factor.first_recovery_codes(factor)
    except IntegrityError as error:
        raise CompanyError("passkey", "Esa llave de acceso ya está cargada.") from error


@transaction.atomic
def rename(passkey: Passkey, *, name: str) -> None:
    passkey.name = _named(name)
    passkey.save(update_fields=["name"])
    signing_in.note(passkey.factor.user, "passkey.renamed", name=passkey.name)


@transaction.atomic
def remove(passkey: Passkey) -> None:
    """With the last one, and without the app, the second factor is off."""
    factor, user = passkey.factor, passkey.factor.user
    passkey.delete()
    signing_in.note(user, "passkey.removed", name=passkey.name)
    if not factor.key and not factor.passkeys.exists():
        second_factor.turn_off(user)


def begin_proving(user: User | None, *, host: str) -> tuple[dict[str, Any], State]:
    """`user`: whose passkeys are asked for; None: whichever the browser has for this site."""
    options, state = _server(host).authenticate_begin(
        _credentials(user) if user is not None else None, user_verification=UserVerificationRequirement.REQUIRED
    )
    return dict(options)["publicKey"], dict(state)


class Refused(CompanyError):
    """`user`: whose passkey it says to be, when Acuse knows it."""

    def __init__(self, text: str, user: User | None) -> None:
        super().__init__("passkey", text)
        self.user = user


class Replayed(CompanyError):
    """It proved whose it is, and what it answers was answered before: no guess."""

    def __init__(self, user: User) -> None:
        super().__init__("passkey", "Con ese pedido ya se entró. Probá de nuevo.")
        self.user = user


def prove(*, answer: dict[str, Any], state: State, host: str, user: User | None = None) -> User:
    """Who the passkey is of; of nobody but `user` when given. A challenge enters once. Raises Refused, Replayed."""
    whose: User | None = None
    try:
        told = AuthenticationResponse.from_dict(answer)
        counted = told.response.authenticator_data.counter
        with transaction.atomic():
            found = Passkey.objects.select_for_update(of=("self",)).select_related("factor__user")
            passkey = found.filter(credential_id=told.raw_id, factor__user__is_active=True).first()
            if passkey is None or (user is not None and passkey.factor.user_id != user.pk):
                raise Refused("Acuse no conoce esa llave de acceso. Entrá con tu contraseña.", user)
            whose = passkey.factor.user
            _server(host).authenticate_complete(state, [AttestedCredentialData(bytes(passkey.credential))], answer)
            _use(state["challenge"], whose)
            if passkey.uses and counted <= passkey.uses:
                raise Refused("Esa llave de acceso parece una copia. Quitala en Mi cuenta.", whose)
            passkey.uses, passkey.last_used_at = counted, clock.now()
            passkey.save(update_fields=["uses", "last_used_at"])
            return whose
    except CompanyError:
        raise
    # what a browser sends may be anything
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused(_REFUSED, whose or user) from error


def _use(challenge: str, user: User) -> None:
    """Only of what proves who it is: strangers leave nothing here. Of two at once, the second waits for the first."""
    _, is_first = UsedChallenge.objects.get_or_create(digest=digest_of(challenge), defaults={"used_at": clock.now()})
    if not is_first:
        raise Replayed(user)


def forget_challenges() -> int:
    """Those that are too old to be answered. How many."""
    # twice their life, for machines whose clocks differ
    deleted, _ = UsedChallenge.objects.filter(used_at__lt=clock.now() - 2 * CEREMONY_LIFE).delete()
    return deleted


def _server(host: str) -> Fido2Server:
    name = urlsplit(f"//{host}").hostname or ""

    def ours(origin: str) -> bool:
        parts = urlsplit(origin)
        # browsers give passkeys to this very machine without TLS, and to nobody else
        return parts.netloc == host and (parts.scheme == "https" or name == "localhost")

    return Fido2Server(PublicKeyCredentialRpEntity(id=name, name="Acuse"), verify_origin=ours)


def _credentials(user: User) -> list[AttestedCredentialData]:
    return [AttestedCredentialData(bytes(one.credential)) for one in second_factor.passkeys_of(user)]


def _named(name: str) -> str:
    return " ".join(name.split())[:60] or "Llave de acceso"
