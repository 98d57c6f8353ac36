"""What people answer is kept, shown where it belongs, and *BAJA* is obeyed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from acuse.deliveries.models import Delivery, InboundMessage, ProviderCount
from acuse.deliveries.planning import today_in
from acuse.directory import optout
from acuse.directory.models import Contact, ContactIdentity
from acuse.kernel import clock
from tests.data.cast import MOBILE, make_contact, make_party
from tests.integration.hooks.bodies import WAMID, body, change, message, status
from tests.integration.hooks.conftest import OTHER_PHONE, Desk


def suppressed() -> set[object]:
    return set(Contact.objects.exclude(suppressed_at=None).values_list("pk", flat=True))


def test_a_message_is_kept_once_with_who_wrote_it(desk: Desk) -> None:
    for _ in range(2):
        desk.hear(message("Gracias"), contacts=[{"profile": {"name": "Marta"}, "wa_id": "5493415550199"}])
    kept = InboundMessage.objects.get()
    assert (kept.company, kept.lane, kept.contact) == (desk.company, desk.lane, desk.contact)
    assert (kept.text, kept.type, kept.sender, kept.sender_name) == ("Gracias", "text", "5493415550199", "Marta")
    assert kept.raw["text"] == {"body": "Gracias"}


def test_it_belongs_to_the_delivery_that_it_quotes(desk: Desk) -> None:
    quoted = desk.delivery(provider_id=WAMID)
    Delivery.objects.filter(pk=desk.delivery().pk).update(created_at=clock.now() + timedelta(hours=1))
    desk.hear(message("¿De qué es?", context={"from": "x", "id": WAMID}))
    assert InboundMessage.objects.get().delivery == quoted


def test_else_to_the_newest_that_was_sent_to_who_wrote(desk: Desk) -> None:
    desk.delivery()
    newest = desk.delivery()
    desk.hear(message("Recibido"))
    assert InboundMessage.objects.get().delivery == newest


def test_who_is_nobodys_contact_is_kept_too(desk: Desk) -> None:
    desk.hear(message("Hola", sender="5491100000000"))
    kept = InboundMessage.objects.get()
    assert (kept.contact, kept.delivery) == (None, None)


def test_who_has_no_phone_is_known_by_the_user_id(desk: Desk) -> None:
    delivery = desk.delivery()
    desk.tell(status("delivered", delivery=delivery.pk, recipient_user_id="AR.1349120"))
    desk.hear(message("Gracias", sender=None, from_user_id="AR.1349120"))
    kept = InboundMessage.objects.get()
    assert (kept.contact, kept.delivery, kept.sender) == (desk.contact, delivery, "")


def test_who_has_no_phone_and_is_unknown_is_found_by_what_is_quoted(desk: Desk) -> None:
    delivery = desk.delivery(provider_id=WAMID)
    desk.hear(message("Baja", sender=None, from_user_id="AR.77", context={"id": WAMID}))
    assert InboundMessage.objects.get().delivery == delivery
    assert suppressed() == {desk.contact.pk}


def test_a_phone_and_a_user_id_in_one_message_belong_together(desk: Desk) -> None:
    desk.hear(message("Hola", from_user_id="AR.9"))
    assert ContactIdentity.objects.get().value == "AR.9"
    desk.hear(message("Hola", wamid="wamid.IN2", sender=None, from_user_id="AR.9"))
    assert InboundMessage.objects.get(provider_id="wamid.IN2").contact == desk.contact


@pytest.mark.parametrize("text", ["BAJA", "baja por favor", "Stop"])
def test_baja_stops_every_contact_of_the_company_with_that_phone(desk: Desk, text: str) -> None:
    twin = make_contact(make_party(desk.company, name="Otra SA"))
    someone = make_contact(desk.party, mobile="+5493415550111")
    theirs = make_contact(make_party(desk.other), mobile=MOBILE)
    desk.hear(message(text))
    assert suppressed() == {desk.contact.pk, twin.pk}
    assert {someone.pk, theirs.pk}.isdisjoint(suppressed())


def test_a_sentence_with_the_word_is_no_opt_out(desk: Desk) -> None:
    desk.hear(message("¿La factura de baja tensión es de octubre?"))
    assert suppressed() == set()


def test_an_old_baja_told_again_doesnt_undo_what_a_person_decided_since(desk: Desk) -> None:
    desk.hear(message("BAJA"))
    optout.restore(desk.contact, origin="phone", asked_on=today_in(desk.company), actor="t")
    desk.hear(message("BAJA"))
    assert suppressed() == set()


def test_a_message_to_a_number_of_another_app_is_not_ours_to_keep(desk: Desk) -> None:
    desk.post(body(change(messages=[message("Hola")], phone=OTHER_PHONE)))
    desk.apply()
    assert not InboundMessage.objects.exists()
    assert ProviderCount.objects.get(key="unmatched:sender").count == 1
