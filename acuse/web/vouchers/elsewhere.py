"""*Enviar a otro contacto*: one of the party's own, or one that is written there and then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods
from django_htmx.http import HttpResponseClientRefresh

from acuse.channels.contract import Channel
from acuse.companies.permissions.pages import Action
from acuse.companies.scope import Actor
from acuse.deliveries import services as deliveries
from acuse.deliveries.planning import Named
from acuse.deliveries.services import Asked, Asker
from acuse.deliveries.states import Origin
from acuse.directory.contacts import add_contacts
from acuse.directory.models import Contact, Party
from acuse.directory.services import ContactData, DirectoryError, editable_kinds
from acuse.kernel import phone
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web import understood
from acuse.web.access import ActorRequest, acting
from acuse.web.charts.words import many
from acuse.web.directory.sections import section_of
from acuse.web.panels import render_panel
from acuse.web.states import CHANNEL_NAMES
from acuse.web.vouchers.one import find

_FIELDS = {
    "party.contacts[0]": "mobile",
    "party.contacts[0].mobile": "mobile",
    "party.contacts[0].email": "email",
}


class NotSendable(Exception):
    """Why it doesn't go, in Spanish."""


class ElsewhereForm(forms.Form):
    contacts = forms.ModelMultipleChoiceField(
        Contact.objects.none(), label="Contactos", required=False, widget=forms.CheckboxSelectMultiple
    )
    name = forms.CharField(label="Nombre", max_length=120, required=False)
    mobile = forms.CharField(
        label="Celular", max_length=80, required=False, help_text="Con característica: 341 555-0199."
    )
    email = forms.EmailField(label="Correo", required=False)
    next_ones = forms.BooleanField(
        label="Que también reciba los próximos", required=False,
        help_text="Si no, queda entre sus contactos y no recibe nada por sí solo.",
    )  # fmt: skip
    channel = forms.ChoiceField(
        label="Por", required=False,
        choices=[("", "El canal de siempre"), *((c.value, CHANNEL_NAMES[c.value]) for c in Channel)],
    )  # fmt: skip

    def __init__(self, data: object = None, *, party: Party, may_add: bool, look_url: str = "") -> None:
        """`look_url`: where what is typed as a mobile is understood."""
        super().__init__(data, label_suffix="")  # type: ignore[arg-type]
        reachable = party.contacts.filter(suppressed_at=None).order_by("created_at", "id")
        field = self.fields["contacts"]
        field.queryset = reachable  # type: ignore[attr-defined]
        field.label_from_instance = contact_line  # type: ignore[attr-defined]
        if look_url:
            understood.show_mobile(self.fields["mobile"], look_url)
        if not may_add:
            for name in ("name", "mobile", "email", "next_ones"):
                del self.fields[name]

    def clean(self) -> dict[str, object]:
        given = self.cleaned_data
        writes = bool(given.get("mobile", "").strip() or given.get("email"))
        if not given.get("contacts") and not writes and not self.errors:
            self.add_error("contacts", "Elegí un contacto, o escribí un celular o un correo.")
        return given

    def written(self, kind: VoucherKind) -> ContactData | None:
        given = self.cleaned_data
        if not (given.get("mobile", "").strip() or given.get("email")):
            return None
        # what it receives by itself later is asked, never supposed
        kinds = (kind.value,) if given["next_ones"] else ()
        return ContactData(given["name"], given["mobile"], given["email"], kinds)


def contact_line(contact: Contact) -> str:
    addresses = [phone.display(contact.mobile) if contact.mobile else "", contact.email]
    return " · ".join(part for part in (contact.name, *addresses) if part)


@dataclass(frozen=True, slots=True)
class _Sent:
    asked: Asked
    contacts: Sequence[Contact]


@require_http_methods(["GET", "HEAD", "POST"])
@acting
def send_elsewhere(request: ActorRequest, kind: VoucherKind, voucher_id: UUID) -> HttpResponse:
    found = find(request, kind, voucher_id)
    request.actor.require(kind, Action.SEND)
    may_add = _may_add(request.actor, found.party)
    look_url = reverse("web:contact_mobile", args=[section_of(found.party), found.party_id]) if may_add else ""
    form = ElsewhereForm(
        request.POST if request.method == "POST" else None,
        party=found.party, may_add=may_add, look_url=look_url,
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        try:
            sent = _send(request.actor, found, form)
        except NotSendable as refused:
            form.add_error(None, str(refused))
        except DirectoryError as error:
            field = _FIELDS.get(error.field)
            form.add_error(field if field in form.fields else None, str(error))
        else:
            return _told(request, found, sent)
    context = {
        "title": "Enviar a otro contacto",
        "form": form,
        "voucher": found,
        "kind": kind,
        "may_add": may_add,
        "back": reverse("web:voucher", args=[kind, found.pk]),
        "crumb": found.title,
    }
    return render_panel(request, "web/vouchers/elsewhere.html", context)


def _may_add(actor: Actor, party: Party) -> bool:
    """It is written among the contacts of a party that is."""
    return party.kind in editable_kinds(actor)


@transaction.atomic
def _send(actor: Actor, voucher: Voucher, form: ElsewhereForm) -> _Sent:
    """The contact that is written is kept only if the message goes. Raises DirectoryError, NotSendable."""
    # whoever presses the button twice waits here, and finds what the first press asked
    deliveries.lock_vouchers([voucher.pk])
    contacts = list(form.cleaned_data["contacts"])
    written = form.written(VoucherKind(voucher.kind))
    if written is not None:
        may_edit = _may_add(actor, voucher.party)
        contacts += add_contacts(voucher.party, [written], actor=actor.label, may_edit=may_edit)
    channel = Channel(form.cleaned_data["channel"]) if form.cleaned_data["channel"] else None
    named = Named(contacts=tuple(dict.fromkeys(contacts)), channel=channel)
    (plan,), asked = deliveries.request_for([voucher], Asker(actor.label, Origin.MANUAL), named=named)
    if not plan.messages:
        raise NotSendable(" ".join(reason.text for reason in plan.sendability.reasons))
    return _Sent(asked, contacts)


def _told(request: ActorRequest, voucher: Voucher, sent: _Sent) -> HttpResponse:
    rows = sent.asked.deliveries[0]
    created, before = len(sent.asked.created), len(rows) - len(sent.asked.created)
    if created:
        messages.success(request, f"{many(created, 'envío', 'envíos')} en cola.")
    if before:
        words = "Ya se le había enviado" if before == 1 else f"A {before} ya se les había enviado"
        messages.info(request, f"{words}: no se repite. Si querés mandarlo otra vez, tocá Reenviar en ese envío.")
    url = f"{reverse('web:voucher', args=[voucher.kind, voucher.pk])}#envio-{rows[0].pk}"
    # from the panel it is the page that is open: an address that differs by its # alone would load nothing
    return HttpResponseClientRefresh() if request.htmx else redirect(url)
