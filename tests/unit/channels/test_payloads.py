import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.channels.whatsapp.payloads import (
    MAX_FILENAME,
    MAX_OPAQUE,
    MAX_PARAMETER,
    filename,
    sanitise,
    template_message,
)


def message(parameters: list[dict[str, str]], **changes: str) -> dict[str, object]:
    arguments = {"to": "+5493515551234", "media_id": "1037", "file_name": "Factura.pdf", "opaque": "018f", **changes}
    return template_message(
        template={"name": "comprobantes", "language": "es_AR", "parameters": parameters}, **arguments
    )


def test_a_template_has_the_shape_of_metas_example() -> None:
    assert message([{"text": "Ana"}, {"text": "A 0003-00001234"}]) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+5493515551234",
        "type": "template",
        "biz_opaque_callback_data": "018f",
        "template": {
            "name": "comprobantes",
            "language": {"code": "es_AR"},
            "components": [
                {
                    "type": "header",
                    "parameters": [
                        {"type": "document", "document": {"id": "1037", "filename": "Factura.pdf"}},
                    ],
                },
                {
                    "type": "body",
                    "parameters": [
                        {"type": "text", "text": "Ana"},
                        {"type": "text", "text": "A 0003-00001234"},
                    ],
                },
            ],
        },
    }


def test_named_parameters_carry_their_name() -> None:
    template = message([{"name": "cliente", "text": "Ana"}])["template"]
    assert '{"type": "text", "parameter_name": "cliente", "text": "Ana"}' in json.dumps(template)


def test_a_template_without_variables_has_no_body() -> None:
    assert '"body"' not in json.dumps(message([]))


def test_names_and_positions_never_mix() -> None:
    with pytest.raises(ValueError):
        message([{"name": "cliente", "text": "Ana"}, {"text": "x"}])


def test_the_number_travels_with_its_plus() -> None:
    assert message([], to="5493515551234")["to"] == "+5493515551234"


def test_opaque_data_longer_than_metas_limit_is_refused() -> None:
    assert message([], opaque="x" * MAX_OPAQUE)
    with pytest.raises(ValueError):
        message([], opaque="x" * (MAX_OPAQUE + 1))


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Ana\nPeña", "Ana Peña"),
        ("Ana\r\n\tPeña", "Ana   Peña"),
        ("a    b", "a    b"),
        ("a     b", "a b"),
        ("", "-"),
        (" \n ", "-"),
        ("\u202eatsop", "atsop"),
        ("\u2066x\u2069\u200b\ufeff", "x"),
        ("uno\x00\x07dos", "unodos"),
        ("a\u2028b", "a b"),
        ("👩\u200d🌾", "👩\u200d🌾"),
        ("\ud800", "-"),
        ("Muñoz & Cía. “Ñandú”", "Muñoz & Cía. “Ñandú”"),
    ],
)
def test_a_parameter_is_one_clean_line(text: str, clean: str) -> None:
    assert sanitise(text) == clean


@given(st.text())
def test_any_text_becomes_an_acceptable_parameter(text: str) -> None:
    clean = sanitise(text)
    assert 1 <= len(clean) <= MAX_PARAMETER
    assert not set(clean) & set("\n\r\t\u202e\u2066")
    assert " " * 5 not in clean
    assert sanitise(clean) == clean


def test_a_long_parameter_ends_in_an_ellipsis() -> None:
    assert sanitise("palabra " * 500).endswith("…")
    assert sanitise("x" * 50, limit=10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Factura A 00003-00000042.pdf", "Factura A 00003-00000042.pdf"),
        ("../../etc/passwd.pdf", "..-..-etc-passwd.pdf"),
        ("Recibo\n1.pdf", "Recibo 1.pdf"),
        ("sin extensión", "sin extensión"),
    ],
)
def test_a_document_has_a_name_that_any_phone_can_keep(name: str, shown: str) -> None:
    assert filename(name) == shown


def test_a_long_name_keeps_its_extension() -> None:
    shown = filename("x" * 1000 + ".pdf")
    assert len(shown) == MAX_FILENAME
    assert shown.endswith("x.pdf")


@given(st.text(max_size=600))
def test_any_name_becomes_one_that_fits(name: str) -> None:
    assert 1 <= len(filename(name)) <= MAX_FILENAME
