"""A test voucher to one's own phone: the whole way that every voucher goes, with nothing of a customer in it."""

from __future__ import annotations

from decimal import Decimal

from acuse.channels.contract import Channel
from acuse.channels.refusals import AccountRefused
from acuse.companies.models import Company
from acuse.deliveries.faults import plan_or_fault
from acuse.deliveries.models import Delivery
from acuse.deliveries.planning import Named, open_office, today_in
from acuse.deliveries.states import State
from acuse.directory.models import PartyKind
from acuse.directory.services import ContactData, PartyData
from acuse.intake.services import Accepted, Arrival, Bringer, Deliver, accept, take_pdf
from acuse.kernel.ids import new_secret
from acuse.kernel.money import format_amount
from acuse.kernel.taxid import format_cuit
from acuse.rendering.pdf import Item, Paper, render
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.vouchers.services import VoucherData

#: The party that has the test vouchers; one a company, by its own code.
TRIAL_PARTY = "acuse-prueba"
SOURCE = "trial"
_TITLE = "Comprobante de prueba"
_ELSEWHERE = "Los presupuestos, que es como sale la prueba, están configurados sin WhatsApp."
_MEND = "Después probá de nuevo. En Estado de WhatsApp está todo lo que falta."
_TEXT = "Es una prueba de Acuse. No es un comprobante: no tenés que hacer nada con él."


def sample_pdf(company: Company) -> bytes:
    """Neutral: no customer, no amount. Also the sample that Meta sees with a template."""
    paper = Paper(
        title=_TITLE,
        issuer_name=company.legal_name,
        issuer_cuit=format_cuit(company.cuit),
        party_label="Cliente",
        party_name="Cliente de prueba",
        party_tax_id="",
        issued_on=today_in(company),
        due_on=None,
        items=(Item(_TEXT, "1", ""),),
        total=format_amount(Decimal(0), "PES"),
    )
    return render(paper)


def request_trial(company: Company, *, mobile: str, bringer: Bringer, key: str = "") -> Delivery:
    """A test voucher that leaves now. With the same `key` it is the same one: a second click sends nothing.

    Raises AccountRefused where nothing can leave, with what lacks; besides, as `accept` does.
    """
    accepted = send_trial(company, mobile=mobile, bringer=bringer, key=key)
    voucher = accepted.voucher
    delivery = Delivery.objects.filter(voucher=voucher, channel=Channel.WHATSAPP).order_by("-created_at").first()
    if delivery is not None:
        return delivery
    named = Named(accepted.contacts, Channel.WHATSAPP)
    found = plan_or_fault(voucher, open_office(company, [voucher]), named).sendability
    why = " ".join(reason.text for reason in found.reasons)
    # nobody waits for it: it doesn't leave by itself when what lacks is there
    Voucher.objects.filter(pk=voucher.pk).update(wish=None)
    raise AccountRefused("mobile", why or _ELSEWHERE, _MEND)


def send_trial(company: Company, *, mobile: str, bringer: Bringer, key: str = "") -> Accepted:
    """A quote of nothing, sent now. Raises IntakeError, as `accept` does."""
    content = sample_pdf(company)
    data = VoucherData(
        kind=VoucherKind.QUOTE, issued_on=today_in(company), total=Decimal(0), currency="PES",
        external_id=f"{TRIAL_PARTY}-{key or new_secret(9)}", title=_TITLE,
    )  # fmt: skip
    party = PartyData(kind=PartyKind.CUSTOMER, name="Prueba de WhatsApp", external_id=TRIAL_PARTY)
    contact = ContactData(name="Prueba", mobile=mobile)
    arrival = Arrival(voucher=data, party=party, contacts=(contact,), pdf=take_pdf([content]), deliver=Deliver.NOW)
    return accept(company, arrival, bringer)


def was_delivered(company: Company) -> bool:
    """A test voucher reached a phone: WhatsApp said so."""
    arrived = (State.DELIVERED, State.READ)
    return Delivery.objects.filter(
        company=company, voucher__source=SOURCE, channel=Channel.WHATSAPP, state__in=arrived
    ).exists()


def last_trial(company: Company) -> Delivery | None:
    """The newest, with its voucher."""
    trials = Delivery.objects.filter(company=company, voucher__source=SOURCE, channel=Channel.WHATSAPP)
    return trials.select_related("voucher", "lane").order_by("-created_at", "-id").first()
