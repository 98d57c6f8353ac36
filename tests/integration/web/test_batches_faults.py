from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from acuse.deliveries import planning
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import make_whatsapp
from tests.integration.deliveries.batch_steps import made_vouchers, ready_batch


def test_pages_of_a_batch_tell_what_cant_be_worked_out_among_the_others(
    people: Cast, ana: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_whatsapp(people.company)
    made = made_vouchers(people, 3)
    real = planning.plan

    def plan(voucher: Voucher, *args: Any) -> Any:
        if voucher.pk == made[1].pk:
            raise ValueError("of a voucher that nobody foresaw")
        return real(voucher, *args)

    monkeypatch.setattr(planning, "plan", plan)
    page = f"/envios/tandas/{ready_batch(people).pk}/"
    preview = " ".join(ana.get(page).content.decode().replace("\xa0", " ").split())
    assert 'Van <strong class="num">2</strong> mensajes' in preview
    assert '<strong class="num">1</strong> <span>Acuse no los pudo preparar por un error propio' in preview
    rows = ana.get(f"{page}filas/", {"que": "no-van", "motivo": "fault"}).content.decode()
    assert made[1].title in rows
    assert "Avisale a quien administra la instalación." in rows
    assert made[0].title in ana.get(f"{page}filas/").content.decode()
