"""Forty-six writings as people type them, and what each one is."""

from __future__ import annotations

import pytest

from acuse.kernel.phone import Phone, PhoneFlag, PhoneKind, parse

ASSUMED = PhoneFlag.ASSUMED_MOBILE
SEVERAL = PhoneFlag.FIRST_OF_SEVERAL
UNVERIFIED = PhoneFlag.UNVERIFIED_BLOCK

Row = tuple[int, str, PhoneKind, str | None, set[PhoneFlag]]

ROWS: list[Row] = [
    (1, "11 15-2345-6789", PhoneKind.MOBILE, "+5491123456789", set()),
    (2, "15-2345-6789", PhoneKind.MOBILE, "+5491123456789", set()),
    (3, "1523456789", PhoneKind.MOBILE, "+5491123456789", set()),
    (4, "11 2345-6789", PhoneKind.MOBILE, "+5491123456789", {ASSUMED}),
    (5, "011 15 2345-6789", PhoneKind.MOBILE, "+5491123456789", set()),
    (6, "011 2345 6789", PhoneKind.MOBILE, "+5491123456789", {ASSUMED}),
    (7, "(011) 15-2345-6789", PhoneKind.MOBILE, "+5491123456789", set()),
    (8, "0341 15 234567", PhoneKind.INVALID, None, set()),
    (9, "0341 15 2345678", PhoneKind.MOBILE, "+5493412345678", set()),
    (10, "0341-155-234567", PhoneKind.MOBILE, "+5493415234567", set()),
    (11, "341 2345678", PhoneKind.MOBILE, "+5493412345678", {ASSUMED}),
    (12, "(0341) 15-234-5678", PhoneKind.MOBILE, "+5493412345678", set()),
    (13, "+54 9 341 234 5678", PhoneKind.MOBILE, "+5493412345678", set()),
    (14, "+54 341 234 5678", PhoneKind.MOBILE, "+5493412345678", {ASSUMED}),
    (15, "+54 341 15 234 5678", PhoneKind.MOBILE, "+5493412345678", set()),
    (16, "5493412345678", PhoneKind.MOBILE, "+5493412345678", set()),
    (17, "543412345678", PhoneKind.MOBILE, "+5493412345678", {ASSUMED}),
    (18, "549111523456789", PhoneKind.MOBILE, "+5491123456789", set()),
    (19, "54 9 11 2345 6789", PhoneKind.MOBILE, "+5491123456789", set()),
    (20, "+549 11 2345-6789", PhoneKind.MOBILE, "+5491123456789", set()),
    (21, "0054 9 11 2345-6789", PhoneKind.MOBILE, "+5491123456789", set()),
    (22, "00549 3412345678", PhoneKind.MOBILE, "+5493412345678", set()),
    (23, "+54 (11) 15 2345 6789", PhoneKind.MOBILE, "+5491123456789", set()),
    (24, "+54 9 011 2345 6789", PhoneKind.MOBILE, "+5491123456789", set()),
    (25, "+54 0341 15 2345678", PhoneKind.MOBILE, "+5493412345678", set()),
    (26, "9 11 2345 6789", PhoneKind.MOBILE, "+5491123456789", set()),
    (27, "02966 15 123456", PhoneKind.MOBILE, "+5492966123456", {UNVERIFIED}),
    (28, "2966 15 123456", PhoneKind.MOBILE, "+5492966123456", {UNVERIFIED}),
    (29, "2966 123456", PhoneKind.MOBILE, "+5492966123456", {UNVERIFIED, ASSUMED}),
    (30, "+54 9 2966 123456", PhoneKind.MOBILE, "+5492966123456", {UNVERIFIED}),
    (31, "02901 15 412345", PhoneKind.MOBILE, "+5492901412345", set()),
    (32, "03492 15 612345", PhoneKind.MOBILE, "+5493492612345", set()),
    (33, "3492 612345", PhoneKind.MOBILE, "+5493492612345", {ASSUMED}),
    (34, "0221 15 512-3456", PhoneKind.MOBILE, "+5492215123456", set()),
    (35, "221 15 5123456", PhoneKind.MOBILE, "+5492215123456", set()),
    (36, "0223-155-123456", PhoneKind.MOBILE, "+5492235123456", set()),
    (37, "4321-0987", PhoneKind.MOBILE, "+5491143210987", {ASSUMED}),
    (38, "2345-6789", PhoneKind.MOBILE, "+5491123456789", {ASSUMED}),
    (39, "4321098", PhoneKind.AMBIGUOUS, None, set()),
    (40, "0800-222-6678", PhoneKind.SPECIAL, None, set()),
    (41, "0810 999 1234", PhoneKind.SPECIAL, None, set()),
    (42, "+1 415 555 2671", PhoneKind.FOREIGN, "+14155552671", set()),
    (43, "+598 99 123 456", PhoneKind.FOREIGN, "+59899123456", set()),
    (44, "0223 15 5123456 / 011 4321-0987", PhoneKind.MOBILE, "+5492235123456", {SEVERAL}),
    (45, "11-2345-6789 (Juan)", PhoneKind.MOBILE, "+5491123456789", {ASSUMED}),
    (46, "whatsapp: 1123456789", PhoneKind.MOBILE, "+5491123456789", {ASSUMED}),
]

DEPENDS_ON_THE_AREA = {2, 3, 37, 38, 39}


def assert_reads(phone: Phone, row: Row) -> None:
    _, typed, kind, e164, flags = row
    assert (phone.typed, phone.kind, phone.e164, set(phone.flags)) == (typed, kind, e164, flags)
    assert phone.usable is (e164 is not None)
    assert phone.reason


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"row {row[0]}")
def test_it_reads_every_writing_with_buenos_aires_as_default_area(row: Row) -> None:
    assert_reads(parse(row[1], default_area="11"), row)


@pytest.mark.parametrize("area", [None, "341", "2966"])
@pytest.mark.parametrize(
    "row", [row for row in ROWS if row[0] not in DEPENDS_ON_THE_AREA], ids=lambda row: f"row {row[0]}"
)
def test_a_complete_number_reads_the_same_whatever_the_default_area(row: Row, area: str | None) -> None:
    assert_reads(parse(row[1], default_area=area), row)


@pytest.mark.parametrize("typed", [row[1] for row in ROWS if row[0] in DEPENDS_ON_THE_AREA - {39}])
@pytest.mark.parametrize("area", [None, "341"])
def test_an_eight_digit_local_number_is_ambiguous_where_the_area_does_not_complete_it(
    typed: str, area: str | None
) -> None:
    assert parse(typed, default_area=area).kind is PhoneKind.AMBIGUOUS


@pytest.mark.parametrize("typed", [row[1] for row in ROWS if row[0] in DEPENDS_ON_THE_AREA])
def test_no_local_number_of_the_table_is_completed_with_a_four_digit_area(typed: str) -> None:
    assert parse(typed, default_area="2966").kind is PhoneKind.AMBIGUOUS


def test_a_seven_digit_local_number_is_completed_with_a_three_digit_area() -> None:
    phone = parse("4321098", default_area="341")
    assert (phone.kind, phone.e164, set(phone.flags)) == (PhoneKind.MOBILE, "+5493414321098", {ASSUMED})
    assert parse("4321098", default_area=None).kind is PhoneKind.AMBIGUOUS


def test_the_table_has_its_forty_six_rows() -> None:
    assert [row[0] for row in ROWS] == list(range(1, 47))
