from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.kernel.names import fold, safe_file_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Factura A 00003-00000042", "Factura A 00003-00000042.pdf"),
        ("Factura A 00003-00000042.PDF", "Factura A 00003-00000042.pdf"),
        ("Presupuesto 1/2", "Presupuesto 1-2.pdf"),
        ("../../etc/passwd", "-..-etc-passwd.pdf"),
        ("C:\\Windows\\x", "C-Windows-x.pdf"),
        ("Recibo\n\t de   Ñandú", "Recibo de Ñandú.pdf"),
        ("factura\u202efdp.exe", "facturafdp.exe.pdf"),
        ("a\x00b\x1bc", "abc.pdf"),
        ('<"¿Qué?">|*', "¿Qué.pdf"),
        ("Recibo \x1b\r 7", "Recibo 7.pdf"),
        ("a\u200b\u0301", "á.pdf"),
        ("Recibo.pdf .pdf", "Recibo.pdf"),
        ("y" * 112 + ".pdf" + "z" * 9, "y" * 112 + ".pdf"),
        ("", "documento.pdf"),
        ("...", "documento.pdf"),
        (".pdf", "documento.pdf"),
    ],
)
def test_a_file_name_keeps_what_people_read_and_drops_the_rest(text: str, name: str) -> None:
    assert safe_file_name(text) == name


def test_a_long_name_is_cut_before_its_suffix() -> None:
    name = safe_file_name("x" * 500 + ".xml", suffix=".xml")
    assert len(name) == 120
    assert name == "x" * 116 + ".xml"


@given(st.text())
def test_no_text_makes_a_dangerous_name(text: str) -> None:
    name = safe_file_name(text)
    assert 5 <= len(name) <= 120
    assert name.endswith(".pdf")
    assert not name.startswith(".")
    assert not set(name) & set('/\\<>:"|?*')
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Cs") for c in name)
    assert safe_file_name(name) == name


@pytest.mark.parametrize(
    ("text", "folded"),
    [("Ñandú", "nandu"), ("PINGÜINO", "pinguino"), ("Straße", "strasse"), ("n\u0303", "n"), ("Ｆｕｌｌ", "full")],
)
def test_folding_makes_accents_and_case_equal(text: str, folded: str) -> None:
    assert fold(text) == folded


@given(st.text())
def test_composed_and_decomposed_text_fold_to_the_same(text: str) -> None:
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text))
