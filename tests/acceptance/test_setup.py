"""`acuse setup`, as its users run it."""

from __future__ import annotations

import hashlib
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from acuse.kernel.taxid import check_digit
from tests.acceptance.installation import (
    APP_ID,
    PHONE_NUMBER_ID,
    WABA_ID,
    Installation,
    installation,
    said,
)
from tests.data import pdfs

WHATSAPP = ("--whatsapp-token-env", "TOKEN", "--waba-id", WABA_ID, "--app-id", APP_ID, "--app-secret-env", "SECRET")


def cuit(number: int) -> str:
    """The first valid CUIT of a company from that number on; tests use numbers of their own."""
    for middle in range(number * 10, number * 10 + 10):
        digits = f"30{middle:08}"
        if (last := check_digit(digits)) is not None:
            return digits + last
    raise ValueError(number)


@pytest.fixture(scope="module")
def place() -> Iterator[Installation]:
    """With a first company, so that the others are never the first of the installation."""
    with installation() as made:
        made.hold_database()
        assert setup(made, cuit(1), admin="primera@prueba.example").returncode == 0
        yield made


def setup(
    place: Installation, number: str, *more: str, admin: str = "", name: str = "Prueba SA", **environment: str
) -> subprocess.CompletedProcess[str]:
    admin = admin or f"ana-{number}@prueba.example"
    base = ("setup", "--company", name, "--cuit", number, "--admin", admin)
    return place.quick(*base, *more, **environment)


def answered(place: Installation, number: str, *more: str, **given: str) -> dict[str, Any]:
    done = setup(place, number, *more, "--json", **given)
    assert done.returncode == 0, done.stdout + done.stderr
    return said(done)


def lane(place: Installation, number: str, channel: str = "whatsapp") -> dict[str, Any]:
    [row] = place.sql(
        "select lane.* from channels_lane lane join companies_company company on company.id = lane.company_id"
        " where company.cuit = %s and lane.channel = %s",
        number,
        channel,
    )
    return row


def test_the_answer_has_the_shape_that_programs_rely_on(place: Installation) -> None:
    number = cuit(10)
    answer = answered(place, number, *WHATSAPP, "--phone-number-id", "1000", "--new-api-key")
    assert set(answer) == {"company", "admin", "api_key", "webhook"}
    assert set(answer["company"]) == {"id", "cuit"}
    assert answer["company"]["cuit"] == number
    assert isinstance(answer["company"]["id"], str)
    assert set(answer["admin"]) == {"email", "invitation_url"}
    assert answer["admin"]["email"] == f"ana-{number}@prueba.example"
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/invitacion/[\w-]{20,}/", answer["admin"]["invitation_url"])
    assert re.fullmatch(r"acuse_[\w-]{20,}", answer["api_key"])
    assert set(answer["webhook"]) == {"path", "verify_token"}
    assert re.fullmatch(r"/hooks/whatsapp/[\w-]{20,}/", answer["webhook"]["path"])
    assert len(answer["webhook"]["verify_token"]) >= 20
    assert lane(place, number)["throughput"] == 80


def test_the_least_is_a_company_and_its_administrator(place: Installation) -> None:
    answer = answered(place, cuit(11))
    assert answer["webhook"] is None
    assert answer["api_key"] is None
    assert answer["admin"]["invitation_url"]


def test_without_an_app_there_is_no_webhook(place: Installation) -> None:
    answer = answered(place, cuit(12), "--whatsapp-token-env", "TOKEN", "--phone-number-id", "1200")
    assert answer["webhook"] is None


def test_people_read_words_instead_of_json(place: Installation) -> None:
    done = setup(place, cuit(13), *WHATSAPP, "--phone-number-id", "1300", "--new-api-key")
    assert done.returncode == 0
    assert "/invitacion/" in done.stdout
    assert "acuse_" in done.stdout
    assert "/hooks/whatsapp/" in done.stdout


def test_asking_again_changes_what_is_given_and_leaves_the_rest(place: Installation) -> None:
    number = cuit(14)
    mail = ("--smtp-url-env", "SMTP", "--mail-from", "facturas@prueba.example")
    given = (*WHATSAPP, "--phone-number-id", "1400", "--area-code", "341", "--new-api-key", *mail)
    first = answered(place, number, *given, "--automatic", "on", "--automatic-kind", "receipt", SMTP="smtp://127.0.0.1")
    again = answered(place, number, "--throughput", "7", name="Prueba y Hermanos SA")
    assert again["company"] == first["company"]
    assert again["webhook"] == first["webhook"]
    assert again["api_key"] is None
    assert lane(place, number)["throughput"] == 7
    [company] = place.sql("select * from companies_company where cuit = %s", number)
    assert company["legal_name"] == "Prueba y Hermanos SA"
    assert company["default_area_code"] == "341"
    assert company["automatic_service"] is True
    assert [p["kind"] for p in policies(place, number) if p["automatic"]] == ["receipt"]
    digest = hashlib.sha256(first["api_key"].encode()).hexdigest()
    assert place.sql("select revoked_at from companies_apikey where digest = %s", digest) == [{"revoked_at": None}]
    assert lane(place, number, "email")["name"] == "facturas@prueba.example"
    [account] = place.sql("select * from channels_whatsappaccount where company_id = %s", company["id"])
    assert account["waba_id"] == WABA_ID


def policies(place: Installation, number: str) -> list[dict[str, Any]]:
    return place.sql(
        "select policy.* from deliveries_deliverypolicy policy"
        " join companies_company company on company.id = policy.company_id where company.cuit = %s",
        number,
    )


def test_what_was_given_before_goes_on_working(place: Installation) -> None:
    number = cuit(15)
    answered(place, number, *WHATSAPP, "--phone-number-id", PHONE_NUMBER_ID, "--area-code", "341")
    answered(place, number, "--throughput", "9")
    file = place.file(pdfs.invoice_pdf(qr_text=None))
    code, [line] = place.send(file, "--to", "341 15 555-1501", "--company", number, "--kind", "quote")
    assert (code, line["delivery"]["state"]) == (0, "sent")


def test_without_an_area_code_a_number_that_needs_one_is_ambiguous(place: Installation) -> None:
    number = cuit(16)
    answered(place, number, "--whatsapp-token-env", "TOKEN", "--phone-number-id", "1600")
    file = place.file(pdfs.invoice_pdf(qr_text=None))
    wanted = (file, "--to", "15 555-1601", "--company", number, "--kind", "quote", "--wait", "0")
    code, [line] = place.send(*wanted)
    assert code == 1
    assert line["voucher"] is None
    assert line["delivery"] is None
    assert "característica" in line["reason"]["text"]
    answered(place, number, "--area-code", "341")
    code, [line] = place.send(*wanted)
    assert line["delivery"]["to"] == "+5493415551601"


BAD = {
    "cuit with a wrong digit": ("cuit", ("--cuit", "30-00000000-8"), {}),
    "cuit of ten digits": ("cuit", ("--cuit", "3000000000"), {}),
    "bad e-mail": ("admin", ("--admin", "ana arroba prueba"), {}),
    "no name": ("company", ("--company", "  "), {}),
    "no such area code": ("area_code", ("--area-code", "999"), {}),
    "variable that isn't there": ("whatsapp_token_env", ("--whatsapp-token-env", "NADA"), {}),
    "empty variable": ("app_secret_env", ("--app-id", "77", "--app-secret-env", "VACIA"), {"VACIA": " "}),
    "secret without its app": ("app_id", ("--app-secret-env", "SECRET"), {}),
    "phone number instead of its id": ("phone_number_id", ("--phone-number-id", "+54 341"), {}),
    "account that isn't a number": ("waba_id", ("--waba-id", "mi-cuenta"), {}),
    "bad mail address": ("smtp_url_env", ("--smtp-url-env", "URL", "--mail-from", "a@b.example"), {"URL": "http://x"}),
    "mail without a sender": ("mail_from", ("--smtp-url-env", "URL"), {"URL": "smtp://127.0.0.1"}),
    "sender without mail": ("mail_from", ("--mail-from", "a@b.example"), {}),
    "bad sender": ("mail_from", ("--smtp-url-env", "URL", "--mail-from", "a@"), {"URL": "smtp://127.0.0.1"}),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_is_refused_with_its_field_and_its_reason(place: Installation, case: str) -> None:
    field, arguments, environment = BAD[case]
    before = everything(place)
    done = setup(place, cuit(17), *arguments, "--json", **environment)
    assert done.returncode == 1
    answer = said(done)
    assert answer["error"]["field"] == field
    assert len(answer["error"]["text"]) > 10
    assert everything(place) == before


def test_a_refusal_in_words_goes_to_the_standard_error(place: Installation) -> None:
    done = place.acuse("setup", "--company", "Prueba SA", "--cuit", "30-00000000-8", "--admin", "a@prueba.example")
    assert done.returncode == 1
    assert done.stdout == ""
    assert "CUIT" in done.stderr
    assert "Traceback" not in done.stderr


def everything(place: Installation) -> list[int]:
    names = ("companies_company", "companies_user", "companies_invitation", "channels_lane", "channels_whatsappapp")
    return [place.sql(f"select count(*) from {name}")[0]["count"] for name in names]


def test_a_phone_number_belongs_to_one_company(place: Installation) -> None:
    answered(place, cuit(18), "--phone-number-id", "1800")
    done = setup(place, cuit(19), "--phone-number-id", "1800", "--json")
    assert done.returncode == 1
    assert said(done)["error"]["field"] == "phone_number_id"


@pytest.mark.parametrize(
    "arguments",
    [
        ("--company", "Prueba SA"),
        ("--company", "Prueba SA", "--cuit", "30-00000000-7", "--admin", "a@b.example", "--throughput", "0"),
        ("--company", "Prueba SA", "--cuit", "30-00000000-7", "--admin", "a@b.example", "--automatic", "quizás"),
        ("--company", "Prueba SA", "--cuit", "30-00000000-7", "--admin", "a@b.example", "--automatic-kind", "carta"),
    ],
)
def test_bad_usage_exits_2(place: Installation, arguments: tuple[str, ...]) -> None:
    assert place.quick("setup", *arguments, "--json").returncode == 2


def test_there_is_no_invitation_once_the_user_has_a_password(place: Installation) -> None:
    number = cuit(20)
    assert answered(place, number)["admin"]["invitation_url"]
    place.sql("update companies_user set password = 'pbkdf2_sha256$1$a$b' where email like %s", f"%{number}%")
    assert answered(place, number)["admin"]["invitation_url"] is None


def test_an_invitation_asked_again_replaces_the_one_before(place: Installation) -> None:
    number = cuit(21)
    first, second = (answered(place, number)["admin"]["invitation_url"] for _ in range(2))
    assert first != second
    rows = place.sql(
        "select token_digest from companies_invitation i join companies_user u on u.id = i.user_id"
        " where u.email like %s and accepted_at is null",
        f"%{number}%",
    )
    token = second.rstrip("/").rpartition("/")[2]
    assert rows == [{"token_digest": hashlib.sha256(token.encode()).hexdigest()}]


def test_a_new_key_replaces_the_one_that_setup_made_before(place: Installation) -> None:
    number = cuit(22)
    first, second = (answered(place, number, "--new-api-key")["api_key"] for _ in range(2))
    assert first != second
    revoked = {
        key: place.sql(
            "select revoked_at from companies_apikey where digest = %s", hashlib.sha256(key.encode()).hexdigest()
        )[0]["revoked_at"]
        for key in (first, second)
    }
    assert revoked[first] is not None
    assert revoked[second] is None


def test_any_positive_pace_will_do(place: Installation) -> None:
    number = cuit(23)
    answered(place, number, "--phone-number-id", "2300", "--throughput", "1")
    assert lane(place, number)["throughput"] == 1
    answered(place, number, "--throughput", "1000000")
    assert lane(place, number)["throughput"] == 1_000_000


def test_the_automatic_service_and_its_kinds(place: Installation) -> None:
    number = cuit(24)
    answered(place, number, "--automatic", "on", "--automatic-kind", "quote", "--automatic-kind", "receipt")
    assert sorted(p["kind"] for p in policies(place, number) if p["automatic"]) == ["quote", "receipt"]
    assert len(policies(place, number)) == 7
    answered(place, number, "--automatic", "off")
    query = "select automatic_service from companies_company where cuit = %s"
    assert place.sql(query, number) == [{"automatic_service": False}]
    assert sorted(p["kind"] for p in policies(place, number) if p["automatic"]) == ["quote", "receipt"]


def test_only_the_first_administrator_administers_the_installation(place: Installation) -> None:
    answered(place, cuit(25))
    answered(place, cuit(26), "--installation-admin")
    admins = {r["email"] for r in place.sql("select email from companies_user where is_installation_admin")}
    assert "primera@prueba.example" in admins
    assert f"ana-{cuit(25)}@prueba.example" not in admins
    assert f"ana-{cuit(26)}@prueba.example" in admins


def test_secrets_are_neither_printed_nor_kept_in_clear(place: Installation) -> None:
    number = cuit(27)
    secrets = {"A": "EAAtoken-que-no-se-ve", "B": "secreto-que-no-se-ve", "C": "smtp://u:clave-que-no-se-ve@127.0.0.1"}
    arguments = (
        "--whatsapp-token-env", "A", "--app-id", "2700", "--app-secret-env", "B", "--phone-number-id", "2700",
        "--smtp-url-env", "C", "--mail-from", "a@prueba.example", "--new-api-key",
    )  # fmt: skip
    done = setup(place, number, *arguments, "--json", **secrets)
    assert done.returncode == 0
    key = said(done)["api_key"]
    place.sql("checkpoint")
    words = [b"EAAtoken-que-no-se-ve", b"secreto-que-no-se-ve", b"clave-que-no-se-ve"]
    written = [done.stdout.encode(), done.stderr.encode(), *(p.read_bytes() for p in files_of(place))]
    assert len(written) > 100
    for word in words:
        assert not any(word in text for text in written), word
    # the key is shown, once; only its digest stays
    assert not any(key.encode() in text for text in written[1:])


def files_of(place: Installation) -> list[Any]:
    """Everything that the installation wrote: tables, the database's log of changes, its own logs."""
    answered = ("output", "errors", "simulator.json")
    return [path for path in place.folder.rglob("*") if path.is_file() and path.name not in answered]


def both(place: Installation, *commands: tuple[str, ...]) -> list[subprocess.CompletedProcess[str]]:
    with ThreadPoolExecutor() as pool:
        return list(pool.map(lambda command: place.acuse(*command), commands))


def test_two_at_once_make_one_company(place: Installation) -> None:
    number = cuit(28)
    base = ("setup", "--company", "Prueba SA", "--cuit", number, "--admin", "dos@prueba.example")
    command = (*base, *WHATSAPP, "--phone-number-id", "2800", "--new-api-key", "--json")
    for done in both(place, command, command, command):
        assert done.returncode == 0, done.stderr
    assert len(policies(place, number)) == 7
    keys = place.sql(
        "select k.id from companies_apikey k join companies_company c on c.id = k.company_id"
        " where c.cuit = %s and revoked_at is null",
        number,
    )
    assert len(keys) == 1
    assert len(place.sql("select 1 from companies_user where email = 'dos@prueba.example'")) == 1


def test_two_first_ones_at_once_make_one_installation_administrator() -> None:
    with installation(migrated=False) as fresh:
        commands = [
            ("setup", "--company", "Prueba SA", "--cuit", cuit(n), "--admin", f"ana-{n}@prueba.example", "--json")
            for n in (30, 31)
        ]
        for done in both(fresh, *commands):
            assert done.returncode == 0, done.stderr
        fresh.hold_database()
        assert len(fresh.sql("select 1 from companies_user where is_installation_admin")) == 1
