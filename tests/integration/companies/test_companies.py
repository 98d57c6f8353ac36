from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from acuse.companies import logos, services
from acuse.companies.models import AuditEntry, Company, CompanyLogo, User
from acuse.companies.services import CompanyData, CompanyError
from tests.conftest import Cast
from tests.data.offices import make_user
from tests.data.pictures import bomb_png

DATA = CompanyData(legal_name="Ferretería Oeste SA", default_area_code="341")


def _picture(size: tuple[int, int], kind: str = "PNG", mode: str = "RGB") -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, "teal").save(out, kind)
    return out.getvalue()


def test_only_what_differs_is_changed_and_told(people: Cast) -> None:
    given = replace(DATA, trade_name=" La  Ferretería ", answers_to="respuestas@oeste.example")
    changed = services.change_company(company=people.company, data=given, actor="user:ana")
    assert changed == {"trade_name", "answers_to"}
    assert Company.objects.get(pk=people.company.pk).trade_name == "La Ferretería"
    entry = AuditEntry.objects.get(event="company.changed")
    assert entry.detail["after"] == {"trade_name": "La Ferretería", "answers_to": "r···@oeste.example"}
    assert not services.change_company(company=people.company, data=given, actor="user:ana")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("legal_name", "  "), ("email", "ana arroba"), ("answers_to", "no"), ("time_zone", "Marte/Olimpo"),
        ("default_area_code", "999"), ("address", "x" * 201),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_beside_its_field(people: Cast, field: str, value: str) -> None:
    with pytest.raises(CompanyError) as refused:
        services.change_company(company=people.company, data=replace(DATA, **{field: value}), actor="test")
    assert refused.value.field == field
    assert not AuditEntry.objects.filter(event="company.changed").exists()


def test_two_companies_never_have_one_cuit(people: Cast) -> None:
    with pytest.raises(CompanyError, match="Otra empresa"):
        services.change_company(company=people.company, data=DATA, cuit=people.other_company.cuit, actor="test")
    with pytest.raises(CompanyError, match="Ya hay una empresa"):
        services.create_company(cuit=people.company.cuit, legal_name="Otra SA", actor="test")
    services.change_company(company=people.company, data=DATA, cuit="27-11111111-7", actor="test")
    assert Company.objects.get(pk=people.company.pk).cuit == "27111111117"


def test_the_automatic_service_says_since_when_and_by_whom(people: Cast) -> None:
    services.set_automatic_service(company=people.company, active=True, actor="user:ana")
    company = Company.objects.get(pk=people.company.pk)
    assert company.automatic_service_by == "user:ana"
    assert company.automatic_service_since is not None
    services.set_automatic_service(company=company, active=False, actor="user:ana")
    now = Company.objects.get(pk=company.pk)
    assert (now.automatic_service_by, now.automatic_service_since) == ("", None)


def test_the_last_who_administers_the_installation_stays(people: Cast) -> None:
    services.grant_installation_admin(user=people.ana, actor="test")
    with pytest.raises(CompanyError, match="única persona"):
        services.revoke_installation_admin(user=people.ana, actor="test")
    invited = User.objects.create_user("sin-clave@oeste.example")
    services.grant_installation_admin(user=invited, actor="test")
    # who can't enter yet doesn't count
    with pytest.raises(CompanyError, match="única persona"):
        services.revoke_installation_admin(user=people.ana, actor="test")
    services.grant_installation_admin(user=make_user("eva@sur.example"), actor="test")
    services.revoke_installation_admin(user=people.ana, actor="test")
    people.ana.refresh_from_db()
    assert not people.ana.is_installation_admin


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "RGB"), ("WEBP", "RGBA"), ("JPEG", "CMYK")]
)
def test_a_logo_is_drawn_again_as_a_small_png(people: Cast, kind: str, mode: str) -> None:
    logos.set_logo(company=people.company, content=_picture((1800, 300), kind, mode), actor="test")
    with Image.open(io.BytesIO(bytes(CompanyLogo.objects.get().png))) as drawn:
        assert (drawn.format, drawn.size, drawn.info) == ("PNG", (600, 100), {})


def test_nothing_of_the_given_file_is_kept_beside_the_picture(people: Cast) -> None:
    exif = Image.Exif()
    exif[0x010E] = "<script>alert(1)</script>"
    out = io.BytesIO()
    Image.new("RGB", (40, 20)).save(out, "JPEG", exif=exif)
    png = logos.redraw(out.getvalue() + b"<?php echo 1 ?>")
    assert b"script" not in png
    assert b"php" not in png


def _large() -> bytes:
    return _picture((6000, 5000))


BAD: dict[str, Any] = {
    "a bomb": (bomb_png, "demasiado grande"),
    "too many pixels": (_large, "demasiado grande"),
    "a gif": (lambda: _picture((10, 10), "GIF", "P"), "PNG, JPEG o WebP"),
    "a page": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "PNG, JPEG o WebP"),
    "cut": (lambda: _picture((400, 400))[:60], "PNG, JPEG o WebP"),
    "nothing": (lambda: b"", "PNG, JPEG o WebP"),
    "too heavy": (lambda: b"\x89PNG" + bytes(logos.MOST_BYTES), "más de 2 MB"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_is_no_good_picture_is_refused(people: Cast, case: str) -> None:
    make, words = BAD[case]
    with pytest.raises(CompanyError, match=words) as refused:
        logos.set_logo(company=people.company, content=make(), actor="test")
    assert refused.value.field == "logo"
    assert not CompanyLogo.objects.exists()
