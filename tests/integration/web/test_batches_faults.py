from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from acuse.deliveries.states import State
from acuse.directory.models import Party
from acuse.web.templatetags.acuse_web import whole
from tests.conftest import Cast
from tests.data.cast import make_contact, make_party, make_voucher, make_whatsapp
from tests.data.scenes import ask, put
from tests.data.unforeseen import Spot, break_it, wherever_it_breaks
from tests.integration.deliveries.batch_steps import made_vouchers, ready_batch


@wherever_it_breaks
def test_pages_of_a_batch_tell_what_cant_be_worked_out_among_the_others(
    people: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch, spot: Spot
) -> None:
    make_whatsapp(people.company)
    made = made_vouchers(people, 3)
    break_it(monkeypatch, spot, {made[1].pk})
    page = f"/envios/tandas/{ready_batch(people).pk}/"
    preview = " ".join(ana.get(page).content.decode().replace("\xa0", " ").split())
    assert 'Van <strong class="num">2</strong> mensajes' in preview
    assert '<strong class="num">1</strong> <span>Acuse no los pudo preparar por un error propio' in preview
    rows = ana.get(f"{page}filas/", {"que": "no-van", "motivo": "fault"}).content.decode()
    assert whole(made[1].title) in rows
    assert "Avisale a quien administra la instalación." in rows
    assert whole(made[0].title) in ana.get(f"{page}filas/").content.decode()
    with CaptureQueriesContext(connection) as queries:
        assert ana.get(page).content
    assert _writing(queries) == []


def test_looking_at_a_draft_again_writes_only_what_changed(people: Cast, ana: Client) -> None:
    make_whatsapp(people.company)
    made = made_vouchers(people, 3)
    make_voucher(people.company, make_party(people.company, name="Sin contacto"), number=99)
    put(ask(made[:1])[0], State.DELIVERED)
    page = f"/envios/tandas/{ready_batch(people).pk}/"
    with CaptureQueriesContext(connection) as queries:
        assert 'Van <strong class="num">2</strong> mensajes' in ana.get(page).content.decode()
    assert _writing(queries) == []
    make_contact(Party.objects.get(name="Sin contacto"), mobile="+5493415559999")
    with CaptureQueriesContext(connection) as queries:
        assert 'Van <strong class="num">3</strong> mensajes' in ana.get(page).content.decode()
    assert _writing(queries)


def _writing(queries: CaptureQueriesContext) -> list[str]:
    """Of the batch; the session is of who looks."""
    return [
        one["sql"] for one in queries if re.search(r"(insert into|update|delete from) .?deliveries_", one["sql"], re.I)
    ]
