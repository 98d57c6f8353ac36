from __future__ import annotations

import pytest
from django.db import connection

from acuse.companies.models import AuditEntry
from acuse.directory import optout
from acuse.directory.contacts import add_contacts
from acuse.directory.models import Contact
from acuse.directory.services import ContactData
from tests.conftest import Cast
from tests.data.cast import MOBILE, make_contact, make_party

pytestmark = pytest.mark.django_db

OTHER = "+5493415550188"


def test_a_contact_with_the_same_mobile_and_another_mail_is_another_contact(people: Cast) -> None:
    party = make_party(people.company)
    old = make_contact(party, mobile=MOBILE, email="ana@norte.example")
    [new] = add_contacts(party, [ContactData(mobile=MOBILE, email="luis@norte.example")], actor="t", may_edit=True)
    assert new.pk != old.pk
    assert (new.mobile, new.email) == (MOBILE, "luis@norte.example")


def test_a_contact_is_found_by_either_address_and_completed(people: Cast) -> None:
    party = make_party(people.company)
    old = make_contact(party, mobile=MOBILE)
    [same] = add_contacts(party, [ContactData(mobile=MOBILE, email="Ana@norte.example")], actor="t", may_edit=True)
    [by_mail] = add_contacts(party, [ContactData(email="ana@norte.example")], actor="t", may_edit=True)
    assert old.pk == same.pk == by_mail.pk
    assert same.email == "Ana@norte.example"


def test_the_contact_with_both_addresses_is_found_before_the_one_with_either(people: Cast) -> None:
    party = make_party(people.company)
    make_contact(party, mobile=MOBILE)
    both = make_contact(party, mobile=MOBILE, email="ana@norte.example")
    [found] = add_contacts(party, [ContactData(mobile=MOBILE, email="ana@norte.example")], actor="t", may_edit=True)
    assert found.pk == both.pk


def test_who_opted_out_is_not_written_to_as_the_contact_of_another_party(people: Cast) -> None:
    suppressed = make_contact(make_party(people.company), mobile=MOBILE)
    optout.suppress([suppressed], reason="Pidió la baja", actor="t")
    other = make_party(people.company, name="Otro SA")
    given = [ContactData(mobile=MOBILE), ContactData(mobile=OTHER)]
    again, free = add_contacts(other, given, actor="t", may_edit=True)
    assert again.suppressed_at is not None
    assert again.suppressed_reason == "Pidió la baja"
    assert free.suppressed_at is None


@pytest.mark.parametrize("name", ["Ana  María", f"{'a' * 119} Compras", "  "])
def test_what_is_loaded_again_changes_nothing_and_tells_nothing(people: Cast, name: str) -> None:
    party, given = (
        make_party(people.company),
        ContactData(name=name, mobile=" 341  15 555-0123 ", email=" a@b.example "),
    )
    [first] = add_contacts(party, [given], actor="t", may_edit=True)
    told = AuditEntry.objects.count()
    [again] = add_contacts(party, [given], actor="t", may_edit=False)
    assert (again.pk, again.name, again.updated_at) == (first.pk, first.name, first.updated_at)
    assert AuditEntry.objects.count() == told


def test_a_name_from_before_stays_as_it_is_when_its_contact_is_loaded(people: Cast) -> None:
    party = make_party(people.company)
    old = make_contact(party, mobile=MOBILE)
    Contact.objects.filter(pk=old.pk).update(name="Ana  María ", consent_note="Llamó ")
    told = AuditEntry.objects.count()
    [again] = add_contacts(party, [ContactData(name="Ana María", mobile=MOBILE)], actor="t", may_edit=False)
    assert (again.pk, again.name) == (old.pk, "Ana  María ")
    assert AuditEntry.objects.count() == told


def test_whose_mail_asked_for_no_more_is_found_by_an_index(people: Cast) -> None:
    found, parameters = optout._having(people.company, ["Ana@norte.example"]).query.sql_with_params()
    # as the register's trigger does
    told = 'update directory_contact set suppressed_at = null where company_id = %s and lower(email collate "C") = %s'
    party = make_party(people.company)
    rows = [Contact(company=people.company, party=party, email=f"c{n}@norte.example") for n in range(2_000)]
    Contact.objects.bulk_create(rows)
    with connection.cursor() as cursor:
        cursor.execute("analyze directory_contact")
        for query, given in ((found, parameters), (told, [people.company.pk, "ana@norte.example"])):
            cursor.execute(f"explain {query}", given)
            plan = [row[0] for row in cursor.fetchall()]
            assert any("Index Cond" in line and "lower((email)::text) = " in line for line in plan), plan
            assert not any("Seq Scan" in line for line in plan), plan
