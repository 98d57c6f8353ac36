"""Marketing that the person stopped, at the last moment: when the delivery is claimed."""

from __future__ import annotations

from acuse.channels.models import WhatsAppTemplate
from acuse.deliveries.states import State
from acuse.directory import marketing
from acuse.kernel import clock
from tests.data.cast import MOBILE, make_contact, make_party
from tests.integration.deliveries.conftest import Office


def test_what_is_in_the_queue_when_the_person_stops_it_is_cancelled_with_the_reason(office: Office) -> None:
    account = office.lane.whatsapp_number.account
    template = WhatsAppTemplate.objects.create(
        account=account, name="comprobantes", language="es_AR", status="APPROVED", category="UTILITY"
    )
    other = make_party(office.company, name="Otra SA")
    make_contact(other, mobile="+5493415550888")
    marketing.choose(office.company, digits=MOBILE[1:], stopped=True, at=clock.now(), actor="test")
    [utility] = office.ask(office.voucher(1))
    office.run()
    utility.refresh_from_db()
    assert utility.state == State.SENT
    [stopped] = office.ask(office.voucher(2))
    [goes] = office.ask(office.voucher(3, party=other))
    template.category = "MARKETING"
    template.save()
    office.run()
    stopped.refresh_from_db()
    goes.refresh_from_db()
    assert (stopped.state, stopped.cause_code, goes.state) == (State.CANCELLED, "marketing_refused", State.SENT)
    assert len(office.sender.sent) == 2
