"""The form of one voucher: created by hand from its PDF or without it, and edited."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.urls import reverse

from acuse.companies.permissions.pages import Action
from acuse.companies.scope import Actor, NotAllowed, scoped
from acuse.directory.models import Party
from acuse.directory.services import ContactData, DirectoryError, PartyData
from acuse.kernel import money
from acuse.vouchers import arca
from acuse.vouchers.kinds import FISCAL, VoucherKind
from acuse.vouchers.models import Voucher
from acuse.vouchers.sendability import Authorization
from acuse.vouchers.services import VoucherData, VoucherError
from acuse.web import clashes, understood
from acuse.web.days import DayInput
from acuse.web.directory.sections import SECTIONS, Section

#: Parties that the list offers where there is no search.
_OFFERED = 200
_PLACES = {"total": 2, "exchange_rate": 6}
#: What a voucher can hold of ARCA's types and of its codes of currency; a PDF says anything.
_LAST_TYPE, _CODE_LENGTH = 32_767, 3
#: The services' names of what the form calls otherwise.
_FIELDS = {
    "party.kind": "party",
    "party.name": "new_name",
    "party.tax_id": "new_tax_id",
    "party.external_id": "new_tax_id",
    "party.contacts[0]": "contact_mobile",
    "party.contacts[0].mobile": "contact_mobile",
    "party.contacts[0].email": "contact_email",
}


class AmountField(forms.CharField):
    """As people type it; shown back with the decimal comma."""

    def __init__(self, *, places: int, **options: Any) -> None:
        super().__init__(**options)
        self.places = places
        self.widget.attrs |= {"inputmode": "decimal", "autocomplete": "off", "class": "num"}

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return money.parse_typed(text, places=self.places)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, Decimal):
            return value
        places = min(max(2, -int(value.normalize().as_tuple().exponent)), self.places)
        return f"{value:,.{places}f}".translate(str.maketrans(",.", ".,"))

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return bool(self.clean(data) != (initial or None))
        except forms.ValidationError:
            return True


def sections_for(kind: VoucherKind) -> tuple[Section, ...]:
    """Customers or suppliers, as the kind goes to, and banks."""
    return tuple(section for section in SECTIONS if kind.may_go_to(section.kind.value))


def parties_for(kind: VoucherKind, actor: Actor) -> QuerySet[Party]:
    kinds = [section.kind.value for section in sections_for(kind)]
    return scoped(Party.objects.filter(kind__in=kinds, merged_into=None), actor)


@dataclass(frozen=True, slots=True)
class Given:
    """What a valid form says."""

    data: VoucherData
    party: Party | PartyData
    contacts: tuple[ContactData, ...]


class VoucherForm(forms.Form):
    draft = forms.UUIDField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-draft-keep": True}))
    party = forms.ModelChoiceField(Party.objects.none(), required=False, empty_label="Elegí uno")
    new_name = forms.CharField(label="Nombre o razón social", max_length=200, required=False)
    new_tax_id = forms.CharField(label="CUIT o documento", max_length=40, required=False)
    contact_name = forms.CharField(
        label="Contacto", max_length=120, required=False, help_text="A quién le llega: Compras, Norma…"
    )
    contact_mobile = forms.CharField(
        label="Celular", max_length=80, required=False, help_text="Con característica: 341 555-0199."
    )
    contact_email = forms.EmailField(label="Correo", required=False)
    arca_type = forms.TypedChoiceField(label="Tipo de ARCA", coerce=int, empty_value=None, required=False)
    point_of_sale = forms.IntegerField(label="Punto de venta", required=False, min_value=0, max_value=99_999)
    number = forms.IntegerField(label="Número", required=False, min_value=1, max_value=99_999_999)
    title = forms.CharField(
        label="Título", max_length=200, required=False,
        help_text="Solo si no lleva número: así se llama en la grilla y en el mensaje.",
    )  # fmt: skip
    issued_on = forms.DateField(label="Fecha", widget=DayInput)
    due_on = forms.DateField(label="Vencimiento", required=False, widget=DayInput)
    total = AmountField(label="Total", places=_PLACES["total"], max_length=40)
    currency = forms.ChoiceField(label="Moneda")
    exchange_rate = AmountField(
        label="Cotización", places=_PLACES["exchange_rate"], max_length=40, required=False,
        help_text="Pesos por unidad, si no está en pesos.",
    )  # fmt: skip
    electronic = forms.BooleanField(
        label="Es electrónico", required=False, help_text="Lo autoriza ARCA, y sin CAE no se envía."
    )
    cae = forms.CharField(
        label="CAE", max_length=20, required=False, help_text="14 dígitos. Si todavía no lo tenés, dejalo vacío.",
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "class": "num"}),
    )  # fmt: skip
    cae_due_on = forms.DateField(label="Vencimiento del CAE", required=False, widget=DayInput)
    external_id = forms.CharField(
        label="Identificador en tu sistema", max_length=120, required=False,
        help_text="Si tu sistema también lo manda, con él no se carga dos veces.",
    )  # fmt: skip

    def __init__(
        self,
        data: Any = None,
        *,
        actor: Actor,
        kind: VoucherKind,
        voucher: Voucher | None = None,
        read: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        """`read`: what its PDF says."""
        super().__init__(data, label_suffix="", **options)
        self.actor, self.kind, self.voucher, self.read = actor, kind, voucher, read or {}
        self.may_create_party = actor.may(sections_for(kind)[0].page, Action.CREATE)
        self._shape()
        self._offer_parties()

    def _shape(self) -> None:
        """The fields that this kind has, and those that this person may use."""
        if self.kind in FISCAL:
            types = [("", "Sin tipo de ARCA"), *_arca_types(self.kind, self._own("arca_type"))]
            self.fields["arca_type"].choices = types  # type: ignore[attr-defined]
        else:
            for name in ("arca_type", "electronic", "cae", "cae_due_on"):
                del self.fields[name]
        if self.may_create_party:
            self._look_at_who_is_new()
        else:
            for name in ("new_name", "new_tax_id", "contact_name", "contact_mobile", "contact_email"):
                del self.fields[name]
        if self.voucher is not None and self.voucher.external_id:
            # it is how the company's system knows it
            del self.fields["external_id"]
        self.fields["currency"].choices = _currencies(self._own("currency"))  # type: ignore[attr-defined]

    def _look_at_who_is_new(self) -> None:
        """Their document and their mobile are understood while one types, as where they are loaded alone."""
        understood.show_document(self.fields["new_tax_id"])
        url = reverse("web:party_mobile", args=[sections_for(self.kind)[0]])
        understood.show_mobile(self.fields["contact_mobile"], url)

    def _own(self, name: str) -> list[Any]:
        """What the voucher or its PDF says, which the lists may not have; never what was posted."""
        found = [getattr(self.voucher, name, None), self.read.get(name)]
        return [value for value in dict.fromkeys(found) if value not in (None, "")]

    def _value(self, name: str) -> Any:
        return self.data.get(name) if self.is_bound else self.get_initial_for_field(self.fields[name], name)

    def _offer_parties(self) -> None:
        section = sections_for(self.kind)[0]
        field: Any = self.fields["party"]
        field.label = section.one.capitalize()
        everyone = parties_for(self.kind, self.actor).order_by("name", "id")
        field.queryset = everyone
        chosen = self._value("party")
        offered = list(everyone[:_OFFERED])
        if chosen and str(chosen) not in {str(party.pk) for party in offered}:
            offered += list(everyone.filter(pk=_uuid(chosen)))
        field.widget.choices = [("", "Elegí uno"), *((str(party.pk), party.name) for party in offered)]
        url = reverse("web:voucher_parties", args=[self.kind])
        field.widget.attrs |= {"data-search-select": "", "data-search-url": url}

    def clean_cae(self) -> str:
        digits = "".join(self.cleaned_data["cae"].split()).replace("-", "")
        if digits and not (digits.isascii() and digits.isdigit() and len(digits) == 14):
            raise forms.ValidationError("El CAE tiene 14 dígitos. Revisalo.")
        if not digits and self.voucher is not None and self.voucher.cae and self.data.get("electronic"):
            raise forms.ValidationError("El CAE que ya tiene no se borra. Si está mal, corregilo.")
        return str(digits)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not given.get("party") and not given.get("new_name", "").strip():
            self.add_error("party", f"Elegí el {sections_for(self.kind)[0].one}.")
        if given.get("arca_type") is not None and (given.get("number") is None or given.get("point_of_sale") is None):
            missing = "number" if given.get("number") is None else "point_of_sale"
            if missing not in self.errors:
                self.add_error(missing, "Un comprobante con tipo de ARCA lleva punto de venta y número.")
        if self.voucher is None and given.get("electronic") and given.get("arca_type") is None:
            self.add_error("arca_type", "Un comprobante electrónico tiene tipo de ARCA: elegilo.")
        if given.get("cae") and not given.get("electronic"):
            self.add_error("electronic", "Tiene CAE: marcalo como electrónico, o borrá el CAE.")
        return given

    def refuse(self, error: VoucherError | DirectoryError) -> None:
        """What a service said, beside its field."""
        field = _FIELDS.get(error.field, error.field)
        self.add_error(field if field in self.fields else None, str(error))

    def refuse_contact(self, error: NotAllowed) -> None:
        """Who was written as new is there already, and isn't this person's to edit."""
        one = sections_for(self.kind)[0].one
        self.add_error("new_tax_id", f"Ya es de un {one} cargado. Elegilo de la lista, o no escribas el contacto.")
        self.add_error("contact_mobile" if self.cleaned_data["contact_mobile"].strip() else "contact_email", str(error))

    def given(self) -> Given:
        """Of a valid form."""
        return Given(self._data(), self._party(), self._contacts())

    def _data(self) -> VoucherData:
        given = self.cleaned_data
        cae = given.get("cae", "")
        before = self.voucher
        kept = before is not None and cae == before.cae and given.get("electronic", False) == before.electronic
        same = before if kept else None
        authorization = Authorization(same.authorization) if same is not None and same.authorization else None
        return VoucherData(
            kind=self.kind,
            issued_on=given["issued_on"],
            currency=given["currency"],
            total=given["total"],
            external_id=given.get("external_id", "").strip() or (before.external_id if before else None),
            arca_type=given.get("arca_type"),
            point_of_sale=given["point_of_sale"],
            number=given["number"],
            due_on=given["due_on"],
            exchange_rate=given["exchange_rate"],
            electronic=given.get("electronic", False),
            cae=cae,
            cae_type=same.cae_type if same is not None else "",
            cae_due_on=given.get("cae_due_on"),
            authorization=authorization,
            observations=tuple(same.observations) if same is not None else (),
            issuer=before.issuer if before is not None else "",
            title=given["title"].strip(),
        )

    def _party(self) -> Party | PartyData:
        chosen = self.cleaned_data.get("party")
        if isinstance(chosen, Party):
            return chosen
        given = self.cleaned_data
        return PartyData(kind=sections_for(self.kind)[0].kind.value, name=given["new_name"], tax_id=given["new_tax_id"])

    def _contacts(self) -> tuple[ContactData, ...]:
        """The first contact of a party that is made here. Where that party turns out to exist, whoever may edit it adds
        the contact, and nobody else (`intake.services`)."""
        given = self.cleaned_data
        if given.get("party") or not (given["contact_mobile"].strip() or given["contact_email"]):
            return ()
        return (ContactData(given["contact_name"], given["contact_mobile"], given["contact_email"]),)

    @property
    def has_more(self) -> bool:
        """Whether what is asked less often says something."""
        return any(name in self.errors or self._value(name) for name in ("title", "external_id") if name in self.fields)

    @property
    def makes_party(self) -> bool:
        """Whether what is shown is about somebody new."""
        names = ("new_name", "new_tax_id", "contact_name", "contact_mobile", "contact_email")
        return any(name in self.errors or self._value(name) for name in names if name in self.fields)


def _arca_types(kind: VoucherKind, own: Sequence[int]) -> list[Any]:
    """By group, the common ones first; a code that isn't in the table is offered where the voucher has it."""
    groups: dict[str, list[tuple[int, str]]] = {name: [] for name in ("Facturas", "Notas", "FCE MiPyME", "Otros")}
    for code, row in arca.VOUCHER_TYPES.items():
        if arca.kind_of(code) is kind:
            today = arca.voucher_type(code)
            letter = f"{today.letter} con leyenda" if code in arca.M_TYPES else today.letter
            groups[_group(row)].append((code, f"{row.name} {letter}".strip() + f" (cód. {code:02})"))
    strange = [code for code in own if code not in arca.VOUCHER_TYPES and 0 <= code <= _LAST_TYPE]
    groups["Otros"] += [(code, arca.voucher_type(code).name) for code in strange]
    found = [(name, choices) for name, choices in groups.items() if choices]
    # one group needs no heading
    return found if len(found) > 1 else [choice for _, choices in found for choice in choices]


def _group(row: arca.VoucherType) -> str:
    if "FCE" in row.name:
        return "FCE MiPyME"
    if row.code in (1, 6, 11, 19, 51, 4, 9, 15, 54):
        return "Facturas" if row.voucher_class is arca.VoucherClass.INVOICE else "Otros"
    notes = (arca.VoucherClass.DEBIT_NOTE, arca.VoucherClass.CREDIT_NOTE)
    return "Notas" if row.voucher_class in notes and row.code in (2, 3, 7, 8, 12, 13, 20, 21, 52, 53) else "Otros"


def _currencies(own: Sequence[str]) -> list[tuple[str, str]]:
    known = {c.arca: f"{c.name.capitalize()} ({c.symbol})" for c in money.CURRENCIES}
    strange = {code: code for code in own if code not in known and len(code) <= _CODE_LENGTH}
    return [*known.items(), *strange.items()]


def _uuid(value: Any) -> Any:
    """None for what no id looks like."""
    try:
        return forms.UUIDField().clean(str(getattr(value, "pk", value)))
    except forms.ValidationError:
        return None


def initial_of(voucher: Voucher) -> dict[str, Any]:
    """The form of a voucher as it is."""
    names = (
        "arca_type", "point_of_sale", "number", "issued_on", "due_on", "total", "currency", "exchange_rate",
        "electronic", "cae", "cae_due_on", "external_id",
    )  # fmt: skip
    made = arca.title(
        VoucherKind(voucher.kind), voucher.arca_type, voucher.letter, voucher.point_of_sale, voucher.number,
        voucher.issued_on,
    )  # fmt: skip
    title = "" if voucher.title == made else voucher.title
    return {**{name: getattr(voucher, name) for name in names}, "party": voucher.party_id, "title": title}


def differences(form: VoucherForm, now: Voucher) -> Sequence[clashes.Difference]:
    """What the person wrote and what it says now, where they differ."""
    return clashes.differences(form, initial_of(now), lambda name, value: _shown(form, name, value))


def _shown(form: VoucherForm, name: str, value: Any) -> str:
    field = form.fields[name]
    if name == "party":
        row = parties_for(form.kind, form.actor).filter(pk=_uuid(value)).first()
        return row.name if row is not None else "(nadie)"
    if name == "electronic":
        return "Sí" if value else "No"
    if isinstance(field, forms.ChoiceField):
        flat = {str(code): words for code, words in _flat(field.choices)}
        return str(flat.get(str(value or ""), value or ""))
    shown = field.prepare_value(value)
    return f"{shown:%d/%m/%Y}" if isinstance(shown, date) else str(shown or "(vacío)")


def _flat(choices: Any) -> Any:
    for code, words in choices:
        if isinstance(words, list | tuple):
            yield from words
        else:
            yield code, words
