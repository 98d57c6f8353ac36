from __future__ import annotations

import base64
import json
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from acuse.vouchers import qr
from acuse.vouchers.qr import Contradiction

AFIP = "https://www.afip.gob.ar/fe/qr/?p="
ARCA = "https://www.arca.gob.ar/fe/qr/?p="

#: The worked example of ARCA's specification.
SPECIFICATION = AFIP + (
    "eyJ2ZXIiOjEsImZlY2hhIjoiMjAyMC0xMC0xMyIsImN1aXQiOjMwMDAwMDAwMDA3LCJwdG9WdGEiOjEwLCJ0aXBvQ21wIjoxLCJucm9DbXAi"
    "Ojk0LCJpbXBvcnRlIjoxMjEwMCwibW9uZWRhIjoiRE9MIiwiY3R6Ijo2NSwidGlwb0RvY1JlYyI6ODAsIm5yb0RvY1JlYyI6MjAwMDAwMDAw"
    "MDEsInRpcG9Db2RBdXQiOiJFIiwiY29kQXV0Ijo3MDQxNzA1NDM2NzQ3Nn0="
)
BYTES_REPR = AFIP + (
    "b'eyJ2ZXIiOiAxLCAiZmVjaGEiOiAiMjAyMS0wOC0wNSIsICJjdWl0IjogMzAwMDAwMDAwMDcsICJwdG9WdGEiOiA0MDAwLCAidGlwb0NtcCI6"
    "IDIwMSwgIm5yb0NtcCI6IDEyMzQ1Njc4LCAiaW1wb3J0ZSI6IDEyNy4wLCAibW9uZWRhIjogIlBFUyIsICJjdHoiOiAxLjAsICJ0aXBvRG9j"
    "UmVjIjogODAsICJucm9Eb2NSZWMiOiAzMDAwMDAwMDAwNywgInRpcG9Db2RBdXQiOiAiRSIsICJjb2RBdXQiOiA2MTEyMzAyMjkyNTg1NX0='"
)
PADDED_STRINGS = AFIP + (
    "eyJ2ZXIiOjEsImZlY2hhIjoiMjAyMC0xMS0xNSIsImN1aXQiOiIyNzExMTExMTExNyIsInB0b1Z0YSI6IjAwMDAzIiwidGlwb0NtcCI6MTEs"
    "Im5yb0NtcCI6IjAwMDAwMjQ5IiwiaW1wb3J0ZSI6IjAwMDAwMDAwMDAwMDEwMCIsIm1vbmVkYSI6IlBFUyIsImN0eiI6IjAwMDAwMDAwMDAw"
    "MDEwMDAwMDAiLCJ0aXBvRG9jUmVjIjo5OSwibnJvRG9jUmVjIjoiMCIsInRpcG9Db2RBdXQiOiJFIiwiY29kQXV0IjoiNzA0MTcwNTQzNjc0"
    "NzYifQ== "
)
NEW_HOST = {
    "ver": 1, "fecha": "2026-09-10", "cuit": 30000000007, "ptoVta": 6, "tipoCmp": 1, "nroCmp": 1200,
    "importe": 1234567.1, "moneda": "PES", "ctz": 1, "tipoDocRec": 80, "nroDocRec": 20111111112, "tipoCodAut": "E",
    "codAut": 76123456789012,
}  # fmt: skip
DOLLARS = NEW_HOST | {"fecha": "2022-08-03", "ptoVta": 3, "importe": 1234.56, "moneda": "DOL", "ctz": 138.75}


def text_of(data: Any, *, host: str = AFIP, indent: int | None = None) -> str:
    document = (
        data if isinstance(data, str) else json.dumps(data, indent=indent, separators=None if indent else (",", ":"))
    )
    return host + base64.b64encode(document.encode()).decode()


def fields(text: str) -> dict[str, qr.Value]:
    reading = qr.read(text)
    assert reading is not None
    return dict(reading.fields)


def problems(text: str) -> tuple[str, ...]:
    reading = qr.read(text)
    assert reading is not None
    return reading.problems


class TestExamples:
    def test_it_reads_the_specification_example_without_a_problem(self) -> None:
        assert problems(SPECIFICATION) == ()
        assert fields(SPECIFICATION) == {
            "ver": 1, "fecha": "2020-10-13", "cuit": 30000000007, "ptoVta": 10, "tipoCmp": 1, "nroCmp": 94,
            "importe": Decimal(12100), "moneda": "DOL", "ctz": Decimal(65), "tipoDocRec": 80,
            "nroDocRec": 20000000001, "tipoCodAut": "E", "codAut": 70417054367476,
        }  # fmt: skip

    def test_it_writes_the_specification_example_byte_for_byte_but_for_the_host(self) -> None:
        written = qr.write(
            issued_on=date(2020, 10, 13), cuit=30000000007, point_of_sale=10, arca_type=1, number=94,
            total=Decimal("12100.00"), currency="DOL", rate=Decimal("65.000000"), document_type=80,
            document_number=20000000001, code=70417054367476,
        )  # fmt: skip
        assert written == SPECIFICATION.replace("afip", "arca")

    def test_it_reads_the_python_bytes_repr(self) -> None:
        assert problems(BYTES_REPR) == ()
        assert fields(BYTES_REPR)["importe"] == Decimal("127.0")
        assert fields(BYTES_REPR)["codAut"] == 61123022925855

    def test_it_reads_zero_padded_strings(self) -> None:
        read = fields(PADDED_STRINGS)
        assert (read["cuit"], read["ptoVta"], read["nroCmp"], read["importe"]) == (27111111117, 3, 249, 100)
        assert set(problems(PADDED_STRINGS)) == {
            f"{key}-como-texto" for key in ("cuit", "ptoVta", "nroCmp", "importe", "ctz", "nroDocRec", "codAut")
        }

    def test_it_reads_the_new_host(self) -> None:
        assert problems(text_of(NEW_HOST, host=ARCA)) == ()
        assert fields(text_of(NEW_HOST, host=ARCA))["importe"] == Decimal("1234567.1")

    def test_it_reads_dollars(self) -> None:
        read = fields(text_of(DOLLARS))
        assert (read["moneda"], read["ctz"], read["importe"]) == ("DOL", Decimal("138.75"), Decimal("1234.56"))


class TestDeviations:
    def test_pretty_printed_strings_are_read(self) -> None:
        text = text_of({key: str(value) for key, value in NEW_HOST.items()}, indent=2)
        assert fields(text)["importe"] == Decimal("1234567.1")
        assert "ver-como-texto" in problems(text)

    def test_decimal_commas_in_strings_are_read(self) -> None:
        assert fields(text_of(NEW_HOST | {"importe": "1234,56"}))["importe"] == Decimal("1234.56")

    def test_what_survives_a_cut_at_255_characters_is_read(self) -> None:
        text = text_of(NEW_HOST)[:255]
        reading = qr.read(text)
        assert reading is not None
        assert reading.fields["nroCmp"] == 1200
        assert "codAut" not in reading.fields
        assert {"json-truncado", "falta-codAut"} <= set(reading.problems)

    @pytest.mark.parametrize("length", range(60, 330))
    def test_a_cut_anywhere_never_invents_a_value(self, length: int) -> None:
        reading = qr.read(text_of(NEW_HOST)[:length])
        whole = qr.read(text_of(NEW_HOST))
        assert reading is not None
        assert whole is not None
        assert reading.fields.items() <= whole.fields.items()

    def test_a_missing_date_is_reported(self) -> None:
        assert problems(text_of({k: v for k, v in NEW_HOST.items() if k != "fecha"})) == ("falta-fecha",)

    @pytest.mark.parametrize("wrong", ["fcha", "noroDocRec", "tipoDocAut", "tipoCodCbte"])
    def test_misspelt_keys_are_not_repaired(self, wrong: str) -> None:
        right = {"fcha": "fecha", "noroDocRec": "nroDocRec"}.get(wrong, "tipoCodAut")
        data = {wrong if key == right else key: value for key, value in NEW_HOST.items()}
        assert right not in fields(text_of(data))
        assert wrong not in fields(text_of(data))

    @pytest.mark.parametrize("tail", ["\n", " ", "%20", "%0A", "\r\n", "&utm=1"])
    def test_a_tail_does_not_matter(self, tail: str) -> None:
        assert problems(SPECIFICATION + tail) == ()

    def test_keys_with_blanks_are_trimmed(self) -> None:
        assert problems(text_of({f" {key} ": value for key, value in NEW_HOST.items()})) == ()

    def test_raw_json_is_read(self) -> None:
        assert problems(AFIP + json.dumps(NEW_HOST)) == ("json-sin-base64",)
        assert problems(AFIP + quote(json.dumps(NEW_HOST))) == ("json-sin-base64",)

    def test_percent_encoded_and_url_safe_base64_are_read(self) -> None:
        # Chosen so that the text has both "+" and "/".
        document = json.dumps(NEW_HOST | {"moneda": "~~>>>???"}).encode()
        plain = base64.b64encode(document).decode()
        assert "+" in plain
        safe = base64.urlsafe_b64encode(document).decode().rstrip("=")
        expected = fields(AFIP + plain)
        for payload in (quote(plain, safe=""), safe, plain.replace("+", " ")):
            assert fields(AFIP + payload) == expected

    @pytest.mark.parametrize(
        "start",
        [
            "https://afip.gob.ar/fe/qr/?p=",
            "https://arca.gob.ar/fe/qr?p=",
            "http://www.afip.gob.ar/fe/qr?p=",
            "HTTPS://WWW.AFIP.GOB.AR/FE/QR/?P=",
            "https://serviciosweb.afip.gob.ar/genericos/comprobantes/cae.aspx?p=",
            "https://servicioscf.afip.gob.ar/fe/qr/?p=",
        ],
    )
    def test_the_hosts_and_paths_in_use_are_read(self, start: str) -> None:
        assert problems(SPECIFICATION.replace(AFIP, start)) == ()

    @pytest.mark.parametrize(
        "text",
        [
            "https://www.afip.gob.ar.evil.com/fe/qr/?p=eyJ9",
            "https://www.afip.gob.ar@evil.com/fe/qr/?p=eyJ9",
            "http://qr.afip.gob.ar/?qr=wXyZ-inventado-0000,,",
            "https://serviciosweb.afip.gob.ar/genericos/comprobantes/cae.aspx",
            "https://www.afip.gob.ar/otra/?p=eyJ9",
            "ftp://www.afip.gob.ar/fe/qr/?p=eyJ9",
            "https://[www.afip.gob.ar/fe/qr/?p=eyJ9",
            "00020101021143530016com.mercadolibre",
            "",
        ],
    )
    def test_other_texts_are_not_of_arca(self, text: str) -> None:
        assert not qr.is_arca(text)
        assert qr.read(text) is None

    def test_a_rate_of_zero_is_data(self) -> None:
        assert fields(text_of(NEW_HOST | {"ctz": 0}))["ctz"] == 0

    def test_compact_dates_become_iso(self) -> None:
        assert fields(text_of(NEW_HOST | {"fecha": "20260910"}))["fecha"] == "2026-09-10"
        assert fields(text_of(NEW_HOST | {"fecha": 20260910}))["fecha"] == "2026-09-10"

    def test_fractions_of_integers_are_dropped(self) -> None:
        assert fields(text_of(NEW_HOST | {"ptoVta": 6.0, "nroCmp": "1200.0"}))["nroCmp"] == 1200

    def test_a_code_of_13_digits_is_reported(self) -> None:
        assert problems(text_of(NEW_HOST | {"codAut": 7612345678901})) == ("codAut-largo",)

    @pytest.mark.parametrize(
        ("payload", "problem"), [("%%%", "base64-invalido"), ("AAAA", "json-invalido"), ("", "json-invalido")]
    )
    def test_what_cannot_be_decoded_says_so(self, payload: str, problem: str) -> None:
        assert qr.read(AFIP + payload) == qr.ArcaQr({}, (problem,))

    def test_latin_1_is_read(self) -> None:
        document = json.dumps(NEW_HOST | {"moneda": "ñ"}, ensure_ascii=False).encode("latin-1")
        assert problems(AFIP + base64.b64encode(document).decode()) == ("no-utf8",)

    def test_a_byte_order_mark_is_dropped(self) -> None:
        assert problems(text_of("\ufeff" + json.dumps(NEW_HOST))) == ()

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("importe", "1.234,56"), ("importe", [1]), ("cuit", True), ("nroCmp", "12_00"), ("fecha", "2026-13-01"),
            ("moneda", "P\0S"), ("ptoVta", "٣"),
        ],
    )  # fmt: skip
    def test_an_unreadable_value_is_left_out_and_named(self, key: str, value: object) -> None:
        text = text_of(NEW_HOST | {key: value})
        assert key not in fields(text)
        assert f"{key}-ilegible" in problems(text)
        assert f"falta-{key}" not in problems(text)

    @pytest.mark.parametrize("number", ["1e999999999", "1e-999999999", "1e99999999999999999999", "9" * 5000])
    def test_a_monstrous_number_costs_nothing(self, number: str) -> None:
        document = json.dumps(NEW_HOST).replace("1234567.1", number).replace("1200", number)
        assert not {"importe", "nroCmp"} & fields(text_of(document)).keys()

    def test_deep_nesting_is_only_invalid(self) -> None:
        assert problems(AFIP + '{"a":' + "[" * 100_000) == ("json-sin-base64", "json-invalido")


@given(st.text())
@example("https://www.afip.gob.ar/fe/qr/?p=\ud800")
def test_it_never_raises_for_any_text(text: str) -> None:
    for candidate in (text, AFIP + text, AFIP + "{" + text, AFIP + "b'" + text + "'"):
        qr.read(candidate)


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists, max_leaves=3))
def test_it_never_raises_for_any_value(value: object) -> None:
    reading = qr.read(text_of(json.dumps(dict.fromkeys(NEW_HOST, value))))
    assert reading is not None


amounts = st.decimals(0, Decimal("9999999999999.99"), places=2)
vouchers = st.fixed_dictionaries(
    {
        "issued_on": st.dates(date(2020, 1, 1), date(2099, 12, 31)),
        "cuit": st.integers(20_000_000_000, 34_999_999_999),
        "point_of_sale": st.integers(1, 99_999),
        "arca_type": st.integers(1, 999),
        "number": st.integers(1, 99_999_999),
        "total": amounts,
        "code": st.integers(10**13, 10**14 - 1),
        "currency": st.sampled_from(["PES", "DOL", "060"]),
        "rate": st.decimals(Decimal("0.000001"), 999_999, places=6),
        "code_kind": st.sampled_from("EA"),
    }
)


@given(vouchers, st.none() | st.tuples(st.sampled_from([80, 96]), st.integers(1, 10**11)))
def test_what_is_written_is_read_back_without_a_problem(
    voucher: dict[str, Any], receiver: tuple[int, int] | None
) -> None:
    document_type, document_number = receiver or (None, None)
    reading = qr.read(qr.write(**voucher, document_type=document_type, document_number=document_number))
    assert reading is not None
    assert reading.problems == ()
    assert reading.fields["importe"] == voucher["total"]
    assert reading.fields["ctz"] == voucher["rate"]
    assert reading.fields["codAut"] == voucher["code"]
    assert ("nroDocRec" in reading.fields) == (receiver is not None)
    assert not agreeing(reading, voucher)


def agreeing(reading: qr.ArcaQr, voucher: dict[str, Any]) -> list[Contradiction]:
    return qr.contradictions(
        reading, issuer_cuit=voucher["cuit"], arca_type=voucher["arca_type"], point_of_sale=voucher["point_of_sale"],
        number=voucher["number"], total=voucher["total"], currency=voucher["currency"], code=voucher["code"],
    )  # fmt: skip


VALID: dict[str, Any] = {
    "issued_on": date(2026, 9, 10), "cuit": 30000000007, "point_of_sale": 3, "arca_type": 1, "number": 42,
    "total": Decimal("100.5"), "code": 76123456789012,
}  # fmt: skip


def test_a_final_consumer_without_document_has_neither_field() -> None:
    assert "nroDocRec" not in fields(qr.write(**VALID, document_type=99, document_number=0))


@pytest.mark.parametrize(
    "wrong",
    [
        {"cuit": 3000000000}, {"point_of_sale": 100_000}, {"number": 100_000_000}, {"total": Decimal("1.234")},
        {"total": Decimal("NaN")}, {"total": Decimal(-1)}, {"total": Decimal(10) ** 13}, {"code": 7},
        {"code_kind": "X"}, {"currency": "PESOS"}, {"rate": Decimal("0.0000001")},
    ],
)  # fmt: skip
def test_the_writer_refuses_what_the_specification_has_no_room_for(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        qr.write(**VALID | wrong)


class TestContradictions:
    reading = qr.read(qr.write(**VALID))

    def test_the_same_data_in_other_clothes_agree(self) -> None:
        assert self.reading is not None
        assert (
            qr.contradictions(
                self.reading, issuer_cuit="30-00000000-7", arca_type=1, point_of_sale=3, number=42,
                total=Decimal("-100.509"), currency="ARS", code="76123456789012",
            )
            == []
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("given_data", "field"),
        [
            ({"issuer_cuit": "20111111112"}, "cuit"), ({"arca_type": 6}, "tipoCmp"), ({"point_of_sale": 4}, "ptoVta"),
            ({"number": 43}, "nroCmp"), ({"total": Decimal("100.52")}, "importe"), ({"currency": "USD"}, "moneda"),
            ({"code": 76123456789013}, "codAut"),
        ],
    )  # fmt: skip
    def test_each_difference_is_named(self, given_data: dict[str, Any], field: str) -> None:
        assert self.reading is not None
        (found,) = qr.contradictions(self.reading, **given_data)
        assert found.field == field
        assert found.expected != found.found

    def test_all_differences_are_told_with_both_values(self) -> None:
        assert self.reading is not None
        found = qr.contradictions(self.reading, number=43, total=Decimal(7))
        assert found == [Contradiction("nroCmp", "43", "42"), Contradiction("importe", "7", "100.5")]

    def test_only_what_both_have_is_compared(self) -> None:
        assert self.reading is not None
        assert qr.contradictions(self.reading, issuer_cuit="", currency="", code="") == []
        assert qr.contradictions(qr.ArcaQr({}), number=43, total=Decimal(7)) == []
