import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.rendering.text import (
    PARAMETER_VARIABLES,
    VARIABLES,
    BrokenVariable,
    UnknownVariable,
    check,
    fill,
    nearest,
    shielded,
)

VALUES = {name: f"<{name}>" for name in VARIABLES}


def test_each_variable_is_replaced_with_spaces_or_without() -> None:
    for name in VARIABLES:
        assert fill(f"a {{{{{name}}}}} b {{{{  {name} }}}}", VALUES) == f"a <{name}> b <{name}>"


def test_a_value_is_never_looked_into_again() -> None:
    assert fill("{{cliente}}", {"cliente": "{{total}}"}) == "{{total}}"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("Cliente", "cliente"),
        ("número", "numero"),
        ("comprovante", "comprobante"),
        ("client", "cliente"),
        ("vencimento", "vencimiento"),
        ("xyz", None),
        ("", None),
    ],
)
def test_the_nearest_variable_is_suggested(typed: str, meant: str | None) -> None:
    assert nearest(typed, VARIABLES) == meant
    with pytest.raises(UnknownVariable) as refused:
        check("Hola {{" + typed + "}}")
    suggestion = f"¿Quisiste poner {{{{{meant}}}}}?" if meant else "Podés usar: {{cliente}} {{contacto}}"
    assert suggestion in str(refused.value)


@pytest.mark.parametrize("text", ["{{cliente}", "{{cliente", "cliente}}", "{{{cliente}}}{{", "{{ {cliente} }}"])
def test_loose_braces_are_told(text: str) -> None:
    with pytest.raises((BrokenVariable, UnknownVariable)):
        check(text)


def test_single_braces_are_text() -> None:
    assert check("{a} y } {") == "{a} y } {"


def test_what_is_no_variable_can_be_left_as_it_was_written() -> None:
    assert fill(shielded("{{ client }}, {{cliente}}"), {"cliente": "Norte"}) == "{\u2060{ client }}, Norte"


def test_the_mails_texts_are_variables_of_a_template_alone() -> None:
    assert check("{{asunto}} {{cuerpo}}", PARAMETER_VARIABLES)
    for name in ("asunto", "cuerpo"):
        with pytest.raises(UnknownVariable):
            check("{{" + name + "}}")


@given(st.text(alphabet="{} abcliente\n", max_size=60))
def test_whatever_passes_the_check_can_be_filled(text: str) -> None:
    try:
        check(text)
    except (UnknownVariable, BrokenVariable):
        return
    filled = fill(text, VALUES)
    assert "{{" not in filled
    assert "}}" not in filled
