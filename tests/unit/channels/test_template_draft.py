from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.channels.templates import Shape, misfit, shape_of, variables
from acuse.channels.whatsapp.template_draft import (
    BETTER_BODY,
    ORIGINAL_BODY,
    Draft,
    components,
    creation,
    findings,
    footer_for,
)


@pytest.mark.parametrize("body", [ORIGINAL_BODY, BETTER_BODY])
def test_both_texts_that_are_offered_are_ones_that_meta_takes(body: str) -> None:
    assert findings(Draft(body, footer_for("Distribuidora Oeste SA"))) == []


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("", "Falta"),
        ("x" * 1025, "1024"),
        ("{{1}} es tu comprobante, muchas gracias.", "empezar"),
        ("Te enviamos tu comprobante {{1}}", "terminar"),
        ("Hola, va el comprobante {{1}} {{2}} de tu compra de hoy.", "juntas"),
        ("Hola, va el comprobante {{2}} de tu compra de hoy.", "saltos"),
        ("Hola, va el comprobante {{cliente}} de tu compra.", "numeradas"),
        ("Hola, va el comprobante {{1} de tu compra de hoy.", "llaves"),
    ],
)
def test_a_body_that_meta_would_refuse_says_why(body: str, word: str) -> None:
    examples = tuple("x" for _ in set(variables(body)))
    found = [f for f in findings(Draft(body, examples=examples)) if not f.warning]
    assert {f.field for f in found} == {"body"}
    assert any(word in f.text for f in found)


@pytest.mark.parametrize(
    ("body", "word"),
    [("Va {{1}} ya.", "pocas palabras"), ("Hola, va tu comprobante {{1}} con una oferta para vos.", "marketing"),
     ("Hola, va tu comprobante {{1}} de hoy.\n\n\nGracias.", "blanco")],
)  # fmt: skip
def test_what_meta_may_refuse_only_warns(body: str, word: str) -> None:
    (found,) = findings(Draft(body))
    assert found.warning
    assert word in found.text


@pytest.mark.parametrize(
    ("draft", "field"),
    [(Draft(BETTER_BODY, name="Comprobantes de Venta"), "name"), (Draft(BETTER_BODY, name="x" * 513), "name"),
     (Draft(BETTER_BODY, footer="x" * 61), "footer"), (Draft(BETTER_BODY, footer="De {{1}}"), "footer"),
     (Draft(BETTER_BODY, examples=()), "examples"), (Draft(BETTER_BODY, examples=(" ",)), "examples")],
)  # fmt: skip
def test_the_rest_is_checked_too(draft: Draft, field: str) -> None:
    assert [f.field for f in findings(draft)] == [field]


def test_a_bad_name_comes_with_a_good_one() -> None:
    (found,) = findings(Draft(BETTER_BODY, name="Órdenes de Pago"))
    assert "«ordenes_de_pago»" in found.text


@given(st.text(max_size=200))
def test_a_footer_of_any_company_fits(name: str) -> None:
    assert len(footer_for(name)) <= 60


@given(st.text(max_size=300), st.text(max_size=80), st.text(max_size=40))
def test_checking_never_fails(body: str, footer: str, name: str) -> None:
    findings(Draft(body, footer, name))


def test_what_is_made_is_read_back_as_the_shape_that_sending_needs() -> None:
    made = creation(Draft(BETTER_BODY, "Oeste SA"), "4::abc")
    assert (made["category"], made["language"]) == ("UTILITY", "es_AR")
    shape = shape_of(components(Draft(BETTER_BODY, "Oeste SA"), "4::abc"))
    assert (shape.header, shape.names, shape.footer, shape.named) == ("DOCUMENT", ("1",), "Oeste SA", False)
    assert misfit(shape, 1) == ""


@pytest.mark.parametrize(
    ("shape", "parameters", "word"),
    [
        (Shape("", "Hola {{1}}.", "", ("1",), False), 1, "documento"),
        (Shape("IMAGE", "Hola {{1}}.", "", ("1",), False), 1, "documento"),
        (Shape("DOCUMENT", "Hola {{1}} y {{2}}.", "", ("1", "2"), False), 1, "2 variables"),
        (Shape("DOCUMENT", "Hola.", "", (), False), 1, "ninguna"),
        (Shape("DOCUMENT", "Hola {{1}}.", "", ("1",), False, 1), 1, "botón"),
    ],
)
def test_a_mapping_that_does_not_fit_says_why(shape: Shape, parameters: int, word: str) -> None:
    assert word in misfit(shape, parameters)
