from typing import Any

import pytest

from acuse_simulator.entities import Template
from acuse_simulator.errors import GraphError
from acuse_simulator.graph.template_parameters import fill

HEADER = {"type": "header", "parameters": [{"type": "document", "document": {"id": "1", "filename": "a.pdf"}}]}


def _template(text: str = "Hola {{1}}, va {{2}}.", **values: Any) -> Template:
    components = [{"type": "HEADER", "format": "DOCUMENT"}, {"type": "BODY", "text": text}]
    return Template("1", "2", "comprobantes", "es_AR", **{"components": components, **values})


def _body(*texts: str) -> dict[str, Any]:
    return {"type": "body", "parameters": [{"type": "text", "text": text} for text in texts]}


def _code(template: Template, components: Any) -> int:
    with pytest.raises(GraphError) as refused:
        fill(template, components)
    return refused.value.code


def test_the_body_is_filled_in_order() -> None:
    filled = fill(_template(), [HEADER, _body("Ana", "Factura A")])
    assert filled.text == "Hola Ana, va Factura A."
    assert filled.parameters == ["Ana", "Factura A"]
    assert filled.document == {"id": "1", "filename": "a.pdf"}


def test_component_types_may_come_in_capitals() -> None:
    header = {**HEADER, "type": "HEADER"}
    assert fill(_template(), [header, {**_body("a", "b"), "type": "BODY"}]).text == "Hola a, va b."


def test_a_value_that_looks_like_a_variable_stays_as_it_is() -> None:
    assert fill(_template(), [HEADER, _body("{{2}}", "x")]).text == "Hola {{2}}, va x."


@pytest.mark.parametrize("texts", [(), ("a",), ("a", "b", "c")])
def test_another_count_of_parameters_is_132000(texts: tuple[str, ...]) -> None:
    assert _code(_template(), [HEADER, _body(*texts)]) == 132000


def test_a_missing_header_is_132012() -> None:
    assert _code(_template(), [_body("a", "b")]) == 132012


def test_a_header_of_another_type_is_132012() -> None:
    header = {"type": "header", "parameters": [{"type": "image", "image": {"id": "1"}}]}
    assert _code(_template(), [header, _body("a", "b")]) == 132012


@pytest.mark.parametrize("text", ["a\nb", "a\tb", "a\rb", "a     b"])
def test_line_breaks_tabs_and_five_blanks_are_132018(text: str) -> None:
    assert _code(_template(), [HEADER, _body(text, "b")]) == 132018


def test_four_blanks_pass() -> None:
    assert fill(_template(), [HEADER, _body("a    b", "c")]).parameters == ["a    b", "c"]


def test_a_filled_body_over_1024_characters_is_132005() -> None:
    assert len(fill(_template("{{1}}"), [HEADER, _body("x" * 1024)]).text) == 1024
    assert _code(_template("{{1}}"), [HEADER, _body("x" * 1025)]) == 132005


def test_an_empty_parameter_is_131008() -> None:
    assert _code(_template(), [HEADER, _body("", "b")]) == 131008


def test_components_that_are_not_a_list_are_100() -> None:
    assert _code(_template(), {"type": "body"}) == 100


def test_named_parameters_go_by_name() -> None:
    template = _template("Hola {{cliente}}, va {{numero}}.", parameter_format="NAMED")
    body = {
        "type": "body",
        "parameters": [
            {"type": "text", "parameter_name": "numero", "text": "A 1"},
            {"type": "text", "parameter_name": "cliente", "text": "Ana"},
        ],
    }
    assert fill(template, [HEADER, body]).text == "Hola Ana, va A 1."
    body["parameters"][0]["parameter_name"] = "otro"  # type: ignore[index]
    assert _code(template, [HEADER, body]) == 100


def test_an_address_button_with_a_variable_needs_its_parameter() -> None:
    buttons = {"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://example.com/{{1}}", "text": "Ver"}]}
    template = _template("Hola {{1}}.", components=[{"type": "BODY", "text": "Hola {{1}}."}, buttons])
    assert _code(template, [_body("a")]) == 131008
    button = {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "x"}]}
    assert fill(template, [_body("a"), button]).text == "Hola a."
    assert _code(template, [_body("a"), button, {**button, "index": "1"}]) == 132000
