from __future__ import annotations

import pytest
from django.db import connection
from pytest_django import Settings

from acuse.channels.models import WhatsAppAccount
from acuse.companies.secrets.crypto import UnreadableSecret
from acuse.companies.secrets.rotation import rotate_secrets
from tests.conftest import Cast
from tests.data.cast import make_whatsapp

OLD, NEW = "clave-vieja-" * 5, "clave-nueva-" * 5


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("select access_token from channels_whatsappaccount")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_a_secret_is_encrypted_at_rest_and_survives_the_rotation(people: Cast, settings: Settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    make_whatsapp(people.company, token="token-secreto")
    assert "token-secreto" not in stored()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    assert rotate_secrets() >= 2
    settings.SECRET_KEY_FALLBACKS = []
    assert WhatsAppAccount.objects.get().access_token.reveal() == "token-secreto"


@pytest.mark.django_db
def test_without_the_old_key_nothing_changes_and_it_says_so(people: Cast, settings: Settings) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = OLD, []
    make_whatsapp(people.company, token="token-secreto")
    before = stored()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, []
    with pytest.raises(UnreadableSecret):
        rotate_secrets()
    assert stored() == before


def test_a_secret_does_not_show_itself() -> None:
    from acuse.companies.secrets.crypto import Secret

    assert "token" not in f"{Secret('token')!r} {Secret('token')!s}"
