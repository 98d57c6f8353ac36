"""How a person proves who they are: password, links to set it, open sessions, and the audit of all that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.encoding import force_str
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from acuse.companies import audit, mail
from acuse.companies.models import Company, Passkey, SecondFactor, User, UserSession
from acuse.companies.services import CompanyError
from acuse.kernel import clock

#: What each session keeps about itself, for *Mi cuenta*: seconds since the epoch, and texts.
SESSION_SINCE, SESSION_ADDRESS, SESSION_BROWSER = "signed_in_at", "signed_in_from", "signed_in_with"


def note(user: User, event: str, *, actor: str | None = None, **detail: Any) -> None:
    """One entry for each company where the user works, so that each sees it; for none, the installation's own."""
    companies: list[Company | None] = list(Company.objects.filter(memberships__user=user, memberships__is_active=True))
    for company in companies or [None]:
        audit.record(
            company=company, actor=actor or label_of(user), event=event, target=user.email, **detail
        )  # fmt: skip


def label_of(user: User) -> str:
    return f"user:{user.email}"


# --- the password


@transaction.atomic
def change_password(user: User, password: str, *, keep_session: str | None, actor: str | None = None) -> None:
    """Every other session of the user ends. Raises Django's ValidationError on a poor password."""
    validate_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    ended = end_sessions(user, keep=keep_session)
    note(user, "password.changed", actor=actor, sessions_ended=ended)


class _PasswordLinks(PasswordResetTokenGenerator):
    """A link is of a person as they are when it is made. One that a company's administrator was shown is no key any
    more once the person is of another company too, or administers the installation: it would open more than theirs."""

    def _make_hash_value(self, user: User, timestamp: int) -> str:
        found = User.objects.filter(pk=user.pk).values_list("is_installation_admin", "memberships__company")
        belongs = " ".join(sorted(f"{admin}{company}" for admin, company in found.order_by()))
        return f"{super()._make_hash_value(user, timestamp)}{belongs}"


_LINKS = _PasswordLinks()


def password_link(user: User) -> str:
    """The whole address where the user sets a new password: once, within an hour (`PASSWORD_RESET_TIMEOUT`)."""
    uid = urlsafe_base64_encode(str(user.pk).encode())
    path = reverse("web:new_password", args=[uid, _LINKS.make_token(user)])
    return f"{settings.BASE_URL}{path}"


def user_of_link(uid: str, token: str) -> User | None:
    """None when the link is cut, used or old, or its user was deactivated or is of another company since."""
    try:
        pk = force_str(urlsafe_base64_decode(uid))
        user = User.objects.filter(pk=pk, is_active=True).first()
    except (ValueError, ValidationError):
        return None
    return user if user is not None and _LINKS.check_token(user, token) else None


def send_password_link(user: User, actor: str) -> str | None:
    """Send the user the link to set a new password. The link itself comes back when no mail left: hand it over.

    Raises CompanyError for a user who was deactivated, or has yet to accept an invitation.
    """
    if not user.is_active:
        raise CompanyError("user", "Este usuario está desactivado. Activalo primero.")
    if not user.has_usable_password():
        raise CompanyError("user", "Todavía no eligió su contraseña. Invitalo de nuevo.")
    note(user, "password.link_made", actor=actor)
    link = password_link(user)
    if mail.configured() and mail.send(user.email, LINK_SUBJECT, link_text(user, link)):
        return None
    return link


LINK_SUBJECT = "Elegí una contraseña nueva para Acuse"


def link_text(user: User, link: str) -> str:
    return (
        f"Hola, {user}.\n\nPara elegir una contraseña nueva en Acuse, abrí este enlace. "
        f"Sirve una vez, durante una hora:\n\n{link}\n\n"
        "Si no lo pediste, no hagas nada: tu contraseña sigue siendo la misma.\n"
    )


def ask_password_link(email: str, *, address: str) -> None:
    """For whoever asks without having entered: the answer never says whether there is such a user."""
    user = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if user is None or not user.has_usable_password():
        return
    note(user, "password.link_asked", address=address)
    mail.send_later(user.email, LINK_SUBJECT, link_text(user, password_link(user)))


# --- the second factor, as those who administer see it (the rest is in second_factor.py)


def has_second_factor(user: User) -> bool:
    return SecondFactor.objects.filter(user=user).exists()


@transaction.atomic
def reset_second_factor(user: User, actor: str) -> None:
    """Take away the app, the recovery codes and the passkeys, of who lost them. Their sessions end."""
    passkeys = Passkey.objects.filter(factor__user=user).count()
    deleted, _ = SecondFactor.objects.filter(user=user).delete()
    if deleted:
        ended = end_sessions(user)
        note(user, "two_factor.off", actor=actor, by_administrator=True, passkeys=passkeys, sessions_ended=ended)


# --- open sessions


@dataclass(frozen=True, slots=True)
class OpenSession:
    key: str
    since: datetime | None
    address: str
    browser: str


def sessions_of(user: User) -> list[OpenSession]:
    """Newest first."""
    found = []
    for row in _open_of(user):
        data = row.get_decoded()
        since = data.get(SESSION_SINCE)
        found.append(
            OpenSession(
                key=row.session_key,
                since=datetime.fromtimestamp(since, UTC) if since else None,
                address=data.get(SESSION_ADDRESS, ""),
                browser=data.get(SESSION_BROWSER, ""),
            )
        )
    return sorted(found, key=lambda one: one.since.timestamp() if one.since else 0, reverse=True)


def end_sessions(user: User, keep: str | None = None) -> int:
    """How many ended; `keep`: the key of the one that stays."""
    ended, _ = _open_of(user).exclude(session_key=keep or "").delete()
    return ended


def _open_of(user: User) -> QuerySet[UserSession]:
    return UserSession.objects.filter(user=user, expire_date__gt=clock.now())


@transaction.atomic
def end_other_sessions(user: User, keep: str | None) -> int:
    ended = end_sessions(user, keep)
    if ended:
        note(user, "sessions.ended", sessions_ended=ended)
    return ended


# --- who one is, and how one sees the pages


@transaction.atomic
def save_profile(user: User, *, name: str, formats: str, theme: str) -> None:
    """Raises ValueError for formats or colours that there aren't."""
    before = user.name
    user.name, user.formats, user.theme = name.strip()[:120], User.Formats(formats), User.Theme(theme)
    user.save(update_fields=["name", "formats", "theme"])
    if user.name != before:
        note(user, "account.renamed")


def set_theme(user: User, theme: str) -> None:
    """Raises ValueError for one that there isn't."""
    user.theme = User.Theme(theme)
    user.save(update_fields=["theme"])
