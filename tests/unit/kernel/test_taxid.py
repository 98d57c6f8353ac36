from __future__ import annotations

import contextlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.kernel.taxid import TaxIdError, TaxIdKind, check_cuit, check_digit, format_cuit, parse

WRONG_DIGIT = "El último dígito del CUIT no coincide con los demás. Revisá si hay alguno mal copiado."


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("20267565393", "20267565393"),
        ("30000000007", "30000000007"),
        ("27-11111111-7", "27111111117"),
        ("23-22222222-2", "23222222222"),
        ("30–00000000–7", "30000000007"),
        ("30.00000000.7", "30000000007"),
        (" CUIT: 30-00000000-7 ", "30000000007"),
        ("50000000016", "50000000016"),
        ("55000002126", "55000002126"),
    ],
)
def test_eleven_digits_that_check_are_a_cuit(text: str, digits: str) -> None:
    tax_id = parse(text)
    assert (tax_id.kind, tax_id.value, tax_id.warning) == (TaxIdKind.CUIT, digits, None)
    assert tax_id.arca_code == "80"
    assert check_cuit(text) == digits


@pytest.mark.parametrize("text", ["20267565392", "24222222222", "20-93267849-7", "25-11111111-1"])
def test_it_refuses_a_wrong_check_digit(text: str) -> None:
    with pytest.raises(TaxIdError) as error:
        parse(text)
    assert str(error.value) == WRONG_DIGIT


@pytest.mark.parametrize("prefix", ["25", "26"])
def test_a_rare_prefix_is_accepted_with_a_warning(prefix: str) -> None:
    digits = f"{prefix}11111111{check_digit(prefix + '11111111')}"
    tax_id = parse(digits)
    assert (tax_id.kind, tax_id.value) == (TaxIdKind.CUIT, digits)
    assert tax_id.warning == f"Es raro que un CUIT empiece con {prefix}. Revisá que esté bien escrito."


def test_it_refuses_a_prefix_that_does_not_exist() -> None:
    digits = f"9911111111{check_digit('9911111111')}"
    with pytest.raises(TaxIdError, match=r"^Ningún CUIT empieza con 99\. Revisá los primeros dos dígitos\.$"):
        check_cuit(digits)


@pytest.mark.parametrize(("text", "count"), [("", 0), ("30-0000-7", 7), ("30-000000000-7", 12)])
def test_a_cuit_of_another_length_is_refused(text: str, count: int) -> None:
    with pytest.raises(TaxIdError, match=rf"^Un CUIT tiene 11 dígitos y este tiene {count}\.$"):
        check_cuit(text)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("12.345.678", "12345678"),
        ("DNI 12345678", "12345678"),
        ("D.N.I. Nº 1.234.567", "1234567"),
        ("01234567", "1234567"),
    ],
)
def test_seven_or_eight_digits_are_a_dni(text: str, digits: str) -> None:
    tax_id = parse(text)
    assert (tax_id.kind, tax_id.value, tax_id.arca_code) == (TaxIdKind.DNI, digits, "96")


@pytest.mark.parametrize("text", ["AB1234567", "LE 1234567", "123456", "US-98-7654321 0", "123456789012"])
def test_anything_else_is_kept_as_it_was_written(text: str) -> None:
    tax_id = parse(f"  {text} ")
    assert (tax_id.kind, tax_id.value, tax_id.arca_code) == (TaxIdKind.OTHER, text, "99")
    assert tax_id.identifies


@pytest.mark.parametrize("text", ["", "  ", "0", "00000000", "00-00000000-0", "-", "Consumidor final", "S/N"])
def test_a_consumer_who_was_not_identified_identifies_nobody(text: str) -> None:
    tax_id = parse(text)
    assert (tax_id.kind, tax_id.value, tax_id.arca_code) == (TaxIdKind.UNIDENTIFIED, "", "99")
    assert not tax_id.identifies


def test_it_writes_a_cuit_with_its_hyphens() -> None:
    assert format_cuit("30000000007") == "30-00000000-7"


@pytest.mark.parametrize("digits", ["3000000000", "30-00000000-7", "300000000077"])
def test_it_formats_nothing_but_eleven_digits(digits: str) -> None:
    with pytest.raises(TaxIdError, match=r"^Un CUIT tiene 11 dígitos\.$"):
        format_cuit(digits)


def test_there_is_no_check_digit_where_the_sum_asks_for_ten() -> None:
    # 5·2 + 2·1 = 12, and 11 - 12 mod 11 is 10.
    assert check_digit("2001000000") is None


def test_a_check_digit_needs_ten_digits() -> None:
    with pytest.raises(TaxIdError, match=r"^Hacen falta los primeros 10 dígitos del CUIT\.$"):
        check_digit("30-0000000")


@given(st.sampled_from(["20", "23", "24", "27", "30", "33", "34"]), st.text("0123456789", min_size=8, max_size=8))
def test_the_check_digit_is_the_one_that_checks(prefix: str, body: str) -> None:
    right = check_digit(prefix + body)
    if right is None:
        return
    assert check_cuit(prefix + body + right) == prefix + body + right
    wrong = str((int(right) + 1) % 10)
    with pytest.raises(TaxIdError):
        check_cuit(prefix + body + wrong)


@given(st.text(max_size=30) | st.text("0123456789.- ", max_size=20))
def test_only_eleven_digits_can_be_refused(text: str) -> None:
    if len(re.sub("[^0-9]", "", text)) == 11:
        with contextlib.suppress(TaxIdError):
            assert parse(text).kind in (TaxIdKind.CUIT, TaxIdKind.UNIDENTIFIED)
        return
    tax_id = parse(text)
    assert tax_id.kind is not TaxIdKind.CUIT
    assert tax_id.identifies is bool(tax_id.value)
