from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from acuse.deliveries import planning
from acuse.deliveries.figures import rates
from acuse.deliveries.models import Rate
from tests.conftest import Cast

RATES = "/administracion/tarifas/"
FORM = {"category": "utility", "market": "54", "currency": "USD", "price": "0,026", "valid_from": "2026-10-01"}


def _rate(cast: Cast, price: str = "0.026", since: date = date(2026, 10, 1), **fields: Any) -> Rate:
    given = {"category": "utility", "market": "54", "currency": "USD", **fields}
    return rates.save_rate(company=cast.company, price=Decimal(price), valid_from=since, actor="test", **given)


def _text(response: Any) -> str:
    return " ".join(response.content.decode().replace("\xa0", " ").split())


def test_without_rates_the_page_teaches_where_they_are(ana: Client) -> None:
    page = _text(ana.get(RATES))
    assert "No hay tarifas cargadas" in page
    assert "Rate cards" in page
    assert "Cargar la primera" in page


def test_a_rate_is_loaded_with_a_comma_and_shown_by_country(people: Cast, ana: Client) -> None:
    page = _text(ana.post(f"{RATES}nueva/", FORM, follow=True))
    assert "Tarifa cargada." in page
    for words in ("Servicio (utility)", "Argentina (+54)", "US$ 0,026", "01/10/2026", "rige hoy"):
        assert words in page, words
    assert Rate.objects.get().price == Decimal("0.026")


def test_each_rate_says_whether_it_is_in_force(people: Cast, ana: Client) -> None:
    today = planning.today_in(people.company)
    _rate(people, "0.01", today - timedelta(days=90))
    _rate(people, "0.02", today)
    _rate(people, "0.03", today + timedelta(days=30))
    page = _text(ana.get(RATES))
    assert page.index("todavía no") < page.index("rige hoy") < page.index("ya no")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"price": "-1"}, "no puede ser negativo"),
        ({"price": "0,0000001"}, "6 decimales"),
        ({"price": "gratis"}, "número"),
        ({"price": ""}, "Completá este campo"),
        ({"market": "AR"}, "El prefijo del país son hasta 4 números"),
        ({"category": "otra"}, "Esa opción no está"),
        ({"valid_from": "ayer"}, "fecha"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(people: Cast, ana: Client, given: dict[str, str], said: str) -> None:
    response = ana.post(f"{RATES}nueva/", {**FORM, **given})
    assert response.status_code == 422
    assert said in _text(response)
    assert not Rate.objects.exists()


def test_the_same_from_the_same_day_is_refused(people: Cast, ana: Client) -> None:
    _rate(people)
    assert "Ya hay una tarifa de eso desde ese día" in _text(ana.post(f"{RATES}nueva/", FORM))
    assert Rate.objects.count() == 1


def test_a_rate_is_changed_and_deleted_after_a_question(people: Cast, ana: Client) -> None:
    rate = _rate(people)
    form = ana.get(f"{RATES}{rate.pk}/editar/")
    assert 'value="0,026"' in _text(form)
    ana.post(f"{RATES}{rate.pk}/editar/", {**FORM, "price": "0.03"})
    rate.refresh_from_db()
    assert rate.price == Decimal("0.03")
    assert "¿Borrar esta tarifa?" in _text(ana.get(f"{RATES}{rate.pk}/borrar/"))
    assert Rate.objects.exists()
    ana.post(f"{RATES}{rate.pk}/borrar/")
    assert not Rate.objects.exists()


def test_who_may_only_look_changes_nothing(people: Cast, beto: Client) -> None:
    rate = _rate(people)
    page = _text(beto.get(RATES))
    assert "US$ 0,026" in page
    assert "Crear tarifa" not in page
    assert "Editar" not in page
    for path in ("nueva/", f"{rate.pk}/editar/", f"{rate.pk}/borrar/"):
        assert beto.get(f"{RATES}{path}").status_code == 403, path
        assert beto.post(f"{RATES}{path}", FORM).status_code == 403, path
    assert Rate.objects.count() == 1


def test_another_company_sees_none_of_it(people: Cast, carla: Client) -> None:
    rate = _rate(people)
    assert "0,026" not in _text(carla.get(RATES))
    for path in (f"{rate.pk}/editar/", f"{rate.pk}/borrar/"):
        assert carla.get(f"{RATES}{path}").status_code == 404, path
        assert carla.post(f"{RATES}{path}", FORM).status_code == 404, path
    assert Rate.objects.count() == 1
