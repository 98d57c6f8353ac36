from dataclasses import replace

import pytest

from acuse.deliveries.policies.rules import PolicyValues, problems
from acuse.vouchers.kinds import VoucherKind

GOOD = PolicyValues(
    enabled=True, automatic=False, subject="{{comprobante}}", body="Hola {{contacto}}", every_channel=False,
    channels=("whatsapp", "email"), template_name="comprobantes", template_language="es_AR",
    template_parameters=("{{comprobante}}",), file_name="{{comprobante}}.pdf",
)  # fmt: skip
KIND = VoucherKind.SALES_INVOICE


def fields_of(**given: object) -> list[str]:
    return [problem.field for problem in problems(replace(GOOD, **given), KIND)]  # type: ignore[arg-type]


def test_what_a_new_company_has_is_good() -> None:
    assert fields_of() == []


def test_everything_wrong_is_told_at_once() -> None:
    found = fields_of(subject="{{x}}", body="", template_name="", template_parameters=("",), file_name="a/b")
    assert found == ["subject", "body", "template_name", "template_parameters", "file_name"]


def test_only_the_channels_that_are_used_need_their_texts() -> None:
    assert fields_of(channels=("whatsapp",), subject="", body="") == []
    assert fields_of(channels=("email",), template_name="", template_parameters=()) == []
    assert fields_of(channels=("whatsapp",), template_name="") == ["template_name"]


def test_a_channel_is_needed_only_while_the_kind_is_on() -> None:
    assert fields_of(channels=()) == ["channels"]
    assert fields_of(channels=(), enabled=False) == []
    assert fields_of(channels=("email", "email")) == ["channels"]


@pytest.mark.parametrize("name", ["comprobantes", "a", "factura_2026", "x" * 512])
def test_metas_names_of_templates_are_good(name: str) -> None:
    assert fields_of(template_name=name) == []


@pytest.mark.parametrize("name", ["", "Comprobantes", "con espacio", "año", "x" * 513, "a-b", "a\n"])
def test_other_names_of_templates_are_not(name: str) -> None:
    assert fields_of(template_name=name) == ["template_name"]


@pytest.mark.parametrize("parameter", ["a\nb", "a\tb", "a\u2028b", "a     b", "", " ", "x" * 301, "{{nada}}"])
def test_what_meta_refuses_in_a_parameter_is_told_with_its_number(parameter: str) -> None:
    found = problems(replace(GOOD, template_parameters=("{{total}}", parameter)), KIND)
    assert found
    assert {problem.field for problem in found} == {"template_parameters"}
    assert all(problem.text.startswith("En {{2}}: ") for problem in found)


def test_four_spaces_are_good() -> None:
    assert fields_of(template_parameters=("a    b",)) == []


@pytest.mark.parametrize("sign", [*'\\/<>:"|?*', "\n", "\x00"])
def test_signs_that_no_file_may_have_are_named(sign: str) -> None:
    assert fields_of(file_name=f"a{sign}b.pdf") == ["file_name"]


def test_a_segment_is_for_customers() -> None:
    with_segment = replace(GOOD, classes=frozenset({1}))
    assert problems(with_segment, KIND) == []
    assert [p.field for p in problems(with_segment, VoucherKind.PAYMENT_ORDER)] == ["classes"]
    unclassified = replace(GOOD, unclassified=True)
    assert [p.field for p in problems(unclassified, VoucherKind.PURCHASE_ORDER)] == ["classes"]
