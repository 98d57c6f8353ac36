from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from acuse.kernel import phone
from acuse.kernel.phone import PhoneFlag, PhoneKind, area_lengths, candidates, check_area_code, display, parse

AREAS = st.sampled_from(["11", "221", "223", "341", "351", "381", "2901", "2966", "3492", "3541"])
DEFAULT_AREAS = st.sampled_from([None, "11", "341", "2966"])
PHONE_LIKE = st.text(alphabet="0123456789+-() /;.,oy int15٤", max_size=30)


@pytest.mark.parametrize(
    ("typed", "area", "reason"),
    [
        ("4321098", "11", "Falta la característica. Escribí el número completo, por ejemplo 11 2345-6789."),
        ("0800-222-6678", None, "Los 0800, 0810 y 06xx no reciben WhatsApp. Escribí un celular."),
        (
            "0341 15 234567",
            None,
            "Tiene 11 dígitos y un número argentino lleva 10 con la característica. "
            "Escribilo por ejemplo 341 234-5678; si es de otro país, empezá con +.",
        ),
        (
            "+598 99",
            None,
            "No es un número válido de otro país. Revisalo: tiene que empezar con + y el código del país, "
            "por ejemplo +598.",
        ),
        (
            "sin teléfono",
            None,
            "No hay ningún número. Escribí el celular con su característica, por ejemplo 11 2345-6789.",
        ),
        ("", None, "No hay ningún número. Escribí el celular con su característica, por ejemplo 11 2345-6789."),
    ],
)
def test_a_refusal_says_what_to_write_instead(typed: str, area: str | None, reason: str) -> None:
    phone = parse(typed, default_area=area)
    assert not phone.usable
    assert phone.e164 is None
    assert phone.reason == reason


@pytest.mark.parametrize(
    ("typed", "area", "reason"),
    [
        ("+54 9 11 2345-6789", None, "Tiene el 9 o el 15: es un celular."),
        ("11 2345-6789", None, "No tiene ni 9 ni 15: lo tomamos como celular."),
        ("15-2345-6789", "11", "Agregamos la característica 11. Tiene el 9 o el 15: es un celular."),
        (
            "+54 9 2966 123456",
            None,
            "Tiene el 9 o el 15: es un celular. No pudimos comprobar que esa numeración exista: fijate que esté bien.",
        ),
        (
            "+598 99 123 456; 11 2345-6789",
            None,
            "Es un número de otro país. Había más de un número: usamos el primero.",
        ),
    ],
)
def test_an_accepted_number_says_how_it_was_inferred(typed: str, area: str | None, reason: str) -> None:
    assert parse(typed, default_area=area).reason == reason


@pytest.mark.parametrize(
    ("typed", "area", "e164"),
    [
        ("15 5234567", "341", "+5493415234567"),
        ("15 412345", "2901", "+5492901412345"),
        ("412345", "2901", "+5492901412345"),
    ],
)
def test_a_local_number_of_the_provinces_takes_the_default_area(typed: str, area: str, e164: str) -> None:
    assert parse(typed, default_area=area).e164 == e164


@pytest.mark.parametrize("typed", ["15 234567", "15 23456", "1523456"])
@pytest.mark.parametrize("area", ["11", "341"])
def test_a_number_that_starts_with_15_is_never_taken_for_a_bare_local_one(typed: str, area: str) -> None:
    assert parse(typed, default_area=area).kind is PhoneKind.AMBIGUOUS


@pytest.mark.parametrize("typed", ["4321-0987 int. 12", "4321-0987 INTERNO 1234", "4321-0987 (ext: 5)"])
def test_it_drops_the_extension(typed: str) -> None:
    assert parse(typed, default_area="11").e164 == "+5491143210987"


@pytest.mark.parametrize(
    "typed",
    ["\u202a+54 9 11 2345-6789\u202c", "(+54) 9 11 2345-6789", "＋54 9 １１ 2345-6789", "Cel.: +54 9 11 2345-6789"],
)
def test_it_reads_what_was_pasted_from_elsewhere(typed: str) -> None:
    assert parse(typed, default_area=None).e164 == "+5491123456789"


def test_a_plus_after_a_label_still_means_another_country() -> None:
    # Without its plus, this Icelandic number would be ten digits that start like an Argentine area.
    assert parse("Tel.: +354 611 1234", default_area="11").e164 == "+3546111234"
    assert parse("＋354 611 1234", default_area="11").e164 == "+3546111234"


@pytest.mark.parametrize("piece", ["1", "ext1 ", "( ", "11 2345-6789 / ", "int. "])
@pytest.mark.timeout(20)
def test_a_huge_text_is_read_in_reasonable_time(piece: str) -> None:
    assert parse(piece * 20_000, default_area="11").typed == piece * 20_000


def test_a_nine_may_follow_the_zero() -> None:
    phone = parse("09 11 2345 6789", default_area=None)
    assert (phone.e164, phone.flags) == ("+5491123456789", frozenset())


def test_eleven_digits_that_start_with_54_have_no_country_code() -> None:
    assert parse("54 4321-09876", default_area="341").kind is PhoneKind.INVALID


def test_three_leading_zeros_are_not_the_international_prefix() -> None:
    assert parse("00011 2345-6789", default_area=None).e164 == "+5491123456789"
    assert parse("00598 99 123 456", default_area=None).e164 == "+59899123456"


def test_it_takes_the_first_piece_that_is_usable() -> None:
    phone = parse("0800-222-6678 o 0341 15 2345678", default_area=None)
    assert phone.e164 == "+5493412345678"
    assert PhoneFlag.FIRST_OF_SEVERAL in phone.flags


def test_when_no_piece_is_usable_the_first_one_answers() -> None:
    phone = parse("0800-222-6678 / 4321098", default_area=None)
    assert phone.kind is PhoneKind.SPECIAL
    assert phone.flags == frozenset()


def test_an_area_before_a_slash_belongs_to_the_number_after_it() -> None:
    # Otherwise the company's own area would complete it, and somebody else would get the invoice.
    assert parse("0341/4210987", default_area="221").e164 == "+5493414210987"
    assert parse("0341/155-234567", default_area="11").e164 == "+5493415234567"


def test_the_short_end_of_a_pair_of_lines_is_dropped() -> None:
    assert parse("341 4210987/88", default_area=None).e164 == "+5493414210987"


def test_without_assuming_mobiles_a_valid_landline_stays_one() -> None:
    phone = parse("011 4321-0987", default_area=None, assume_mobile=False)
    assert (phone.kind, phone.e164, phone.usable) == (PhoneKind.LANDLINE, "+541143210987", True)
    assert phone.reason == "Es un teléfono fijo: recibe WhatsApp solo si lo tiene activado."
    assert parse("011 15 4321-0987", default_area=None, assume_mobile=False).kind is PhoneKind.MOBILE


def test_without_assuming_mobiles_an_unlisted_block_is_ambiguous() -> None:
    phone = parse("2966 123456", default_area=None, assume_mobile=False)
    assert phone.kind is PhoneKind.AMBIGUOUS
    assert phone.reason == "No se sabe si es celular o fijo. Si es celular, escribilo con +54 9."


@given(st.text() | PHONE_LIKE, DEFAULT_AREAS, st.booleans())
def test_no_text_makes_it_raise_and_what_is_usable_is_e164(typed: str, area: str | None, assumed: bool) -> None:
    phone = parse(typed, default_area=area, assume_mobile=assumed)
    assert phone.typed == typed
    assert phone.usable is (phone.e164 is not None)
    if phone.e164 is not None:
        assert re.fullmatch(r"\+[1-9][0-9]{7,14}", phone.e164)


@st.composite
def mobiles(draw: st.DrawFn) -> tuple[str, str]:
    area = draw(AREAS)
    first = draw(st.sampled_from("23456789"))
    return area, first + draw(st.text("0123456789", min_size=9 - len(area), max_size=9 - len(area)))


@st.composite
def writings(draw: st.DrawFn, area: str, local: str) -> str:
    gap = draw(st.sampled_from(["", " ", "-", "  ", " - ", "."]))
    country = draw(st.sampled_from(["", "0", "+54", "54", "0054", "+549", "549", "00549", "9"]))
    middle = draw(st.sampled_from(["", "15"]))
    shown = f"({area})" if draw(st.booleans()) else area
    cut = draw(st.integers(1, len(local) - 1))
    return gap.join(part for part in (country, shown, middle, local[:cut], local[cut:]) if part)


@given(st.data())
def test_every_writing_of_a_mobile_gives_the_same_e164(data: st.DataObject) -> None:
    area, local = data.draw(mobiles())
    typed = data.draw(writings(area, local))
    phone = parse(typed, default_area=data.draw(DEFAULT_AREAS))
    assert (phone.kind, phone.e164) == (PhoneKind.MOBILE, f"+549{area}{local}")


@given(st.data(), DEFAULT_AREAS, st.booleans())
def test_reading_an_e164_again_changes_nothing(data: st.DataObject, area: str | None, assumed: bool) -> None:
    whole = mobiles().flatmap(lambda mobile: writings(*mobile))
    typed = data.draw(whole | st.text("0123456789", min_size=6, max_size=15) | PHONE_LIKE)
    phone = parse(typed, default_area=area, assume_mobile=assumed)
    if phone.e164 is None:
        return
    again = parse(phone.e164, default_area=None, assume_mobile=assumed)
    assert (again.kind, again.e164) == (phone.kind, phone.e164)


#: Tokelau's numbers have seven digits with their country code; Tristan da Cunha has no example of a mobile.
WITHOUT_A_LONG_MOBILE = {"TK", "TA"}


@pytest.mark.parametrize("region", sorted(phonenumbers.SUPPORTED_REGIONS - {"AR"} - WITHOUT_A_LONG_MOBILE))
def test_a_mobile_of_any_other_country_is_foreign_and_stays_as_it_is(region: str) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    for typed in (e164, display(e164), "00" + e164[1:]):
        phone = parse(typed, default_area="11")
        assert (phone.kind, phone.e164) == (PhoneKind.FOREIGN, e164)


def test_a_foreign_number_of_fewer_than_eight_digits_is_refused() -> None:
    assert parse("+690 7290", default_area=None).kind is PhoneKind.INVALID


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+5491123456789", "+54 9 11 2345-6789"),
        ("+5493412345678", "+54 9 341 234-5678"),
        ("+541143210987", "+54 11 4321-0987"),
        ("+14155552671", "+1 415-555-2671"),
        ("no es un número", "no es un número"),
    ],
)
def test_it_shows_numbers_as_people_read_them(e164: str, shown: str) -> None:
    assert display(e164) == shown


@pytest.mark.parametrize("area", ["11", "341", "2966", " 221 "])
def test_it_accepts_an_area_code(area: str) -> None:
    assert check_area_code(area) == area.strip()


@pytest.mark.parametrize("area", ["", "0341", "34", "115", "411", "29666", "1", "34a", "٣٤١"])
def test_it_refuses_what_is_not_an_area_code(area: str) -> None:
    with pytest.raises(ValueError, match=r"La característica va sin el 0 y sin el 15: de 2 a 4 dígitos"):
        check_area_code(area)


@pytest.mark.parametrize(
    ("e164", "forms"),
    [
        ("+5491123456789", {"5491123456789", "541123456789", "54111523456789"}),
        ("+5493815551234", {"5493815551234", "543815551234", "54381155551234"}),
        ("+5493492612345", {"5493492612345", "543492612345", "54349215612345"}),
        # The plan doesn't list the block, so both places for the 15 are named.
        ("+5492966123456", {"5492966123456", "542966123456", "54296156123456", "54296615123456"}),
        ("+541143210987", {"541143210987"}),
        ("+14155552671", {"14155552671"}),
    ],
)
def test_the_candidates_are_the_forms_that_meta_may_name(e164: str, forms: set[str]) -> None:
    assert candidates(e164) == forms


@given(mobiles())
def test_each_candidate_reads_back_to_the_same_number(mobile: tuple[str, str]) -> None:
    e164 = f"+549{mobile[0]}{mobile[1]}"
    assert {parse(form, default_area=None).e164 for form in candidates(e164)} == {e164}


def test_the_area_length_comes_from_the_numbering_plan() -> None:
    assert area_lengths("1123456789") == (2,)
    assert area_lengths("1190123391") == (2,)  # a block that the plan doesn't list
    assert area_lengths("3412345678") == (3,)
    assert area_lengths("3492612345") == (4,)
    assert area_lengths("2966123456") == (3, 4)


def test_a_number_cut_short_is_not_taken_for_a_local_one() -> None:
    assert parse("341 15 55", default_area="341").kind is PhoneKind.AMBIGUOUS


def test_each_flag_has_its_sentence_with_the_number_as_people_read_it() -> None:
    told = dict(phone.warnings(list(PhoneFlag), "+5493415550190"))
    assert set(told) == set(PhoneFlag)
    assert all("+54 9 341 555-0190" in text for text in told.values())
    assert phone.warnings(["unknown_flag"], "+5493415550190") == []
