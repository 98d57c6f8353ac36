from __future__ import annotations

from typing import Any

from django import forms

from acuse.channels.contract import Channel
from acuse.channels.models import Lane
from acuse.companies.models import Company
from acuse.deliveries.policies import rules as policy_rules
from acuse.deliveries.policies import services as policies
from acuse.deliveries.policies.rules import PolicyValues
from acuse.directory.models import CustomerClass
from acuse.vouchers.kinds import Audience, VoucherKind

FIRST, ALL = "first", "all"
#: The choice of *(sin clase)* among the classes.
UNCLASSIFIED = "none"
#: `PolicyValues` named otherwise on the form.
_FORM_NAMES = {"unclassified": "classes", "template_name": "template"}


class ManyInput(forms.TextInput):
    """As many inputs of one name as there are; the template draws them."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[str]:
        return list(data.getlist(name))


class ManyField(forms.Field):
    """Texts in their order."""

    widget = ManyInput

    def clean(self, value: Any) -> tuple[str, ...]:
        return tuple(text.strip() for text in value or ())


class PolicyForm(forms.Form):
    """The shape of what is sent; what it may say is `deliveries.policies.rules`."""

    #: The fingerprints of what was shown.
    seen = forms.CharField(required=False, widget=forms.HiddenInput(attrs={"data-draft-keep": True}))
    enabled = forms.BooleanField(
        label="Habilitado", required=False,
        help_text="Sin marcar, estos comprobantes no se envían: ni a mano, ni solos, ni por la API.",
    )  # fmt: skip
    automatic = forms.BooleanField(
        label="Envío Automático", required=False,
        help_text="Cada comprobante sale apenas se puede enviar. Al marcarlo no sale nada de lo que ya estaba cargado.",
    )  # fmt: skip
    channels = ManyField(label="Canales", required=False)
    every_channel = forms.ChoiceField(
        label="Por cuáles sale",
        choices=[(FIRST, "Por el primero que se pueda"), (ALL, "Por todos")],
        widget=forms.RadioSelect,
    )
    classes = forms.MultipleChoiceField(
        label="Clases de cliente", required=False, widget=forms.CheckboxSelectMultiple,
        help_text="Solo para el envío automático. Sin marcar ninguna, salen los de todos los clientes.",
    )  # fmt: skip
    subject = forms.CharField(label="Asunto", required=False)
    body = forms.CharField(label="Cuerpo", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 9}))
    number = forms.ChoiceField(
        label="Número por el que sale", required=False,
        help_text="Para este comprobante. Si ese número deja de andar, sale por el principal.",
    )  # fmt: skip
    template = forms.CharField(
        label="Nombre de la plantilla", required=False, help_text="Como figura en Meta. Por ejemplo, comprobantes.",
        widget=forms.TextInput(attrs={"list": "templates", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    template_language = forms.CharField(
        label="Idioma", required=False, max_length=10, help_text="Como figura en Meta. Spanish (ARG) es es_AR.",
        widget=forms.TextInput(attrs={"list": "languages", "autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    template_parameters = ManyField(label="Variables de la plantilla", required=False)
    file_name = forms.CharField(
        label="Nombre del archivo", required=False,
        help_text="El que ve quien lo recibe. El .pdf se agrega solo si no lo escribís.",
    )  # fmt: skip

    def __init__(self, *args: Any, company: Company, kind: VoucherKind, **given: Any) -> None:
        super().__init__(*args, **given)
        if kind.audience is Audience.CUSTOMER:
            rows = CustomerClass.objects.filter(company=company).order_by("name")
            known = [(str(row.pk), row.name) for row in rows]
            self.fields["classes"].choices = [*known, (UNCLASSIFIED, "(sin clase)")]  # type: ignore[attr-defined]
        else:
            del self.fields["classes"]
        self._offer(policies.numbers_of(company))
        for name in ("subject", "body", "file_name"):
            self.fields[name].widget.attrs["data-variables"] = "voucher"

    def _offer(self, numbers: list[Lane]) -> None:
        """With one number there is nothing to choose: what is saved stays."""
        if len(numbers) < 2:
            del self.fields["number"]
            return
        default = next((lane.name for lane in numbers if lane.is_default), "")
        # one that stands still goes on being offered where it is chosen: the page says so, instead of another's name
        named = [(str(lane.pk), lane.name if lane.is_active else f"{lane.name} (detenido)") for lane in numbers]
        self.fields["number"].choices = [("", f"El principal ({default})"), *named]  # type: ignore[attr-defined]

    def values(self) -> PolicyValues:
        """Of a valid form."""
        given = self.cleaned_data
        chosen = set(given.get("classes", ()))
        return PolicyValues(
            enabled=given["enabled"],
            automatic=given["automatic"],
            subject=given["subject"],
            body=given["body"].replace("\r\n", "\n"),
            every_channel=given["every_channel"] == ALL,
            channels=given["channels"],
            classes=frozenset(int(one) for one in chosen - {UNCLASSIFIED}),
            unclassified=UNCLASSIFIED in chosen,
            template_name=given["template"],
            template_language=given["template_language"],
            template_parameters=_without_blank_end(given["template_parameters"]),
            file_name=given["file_name"],
            number=self._number(),
        )

    def _number(self) -> int | None:
        if "number" not in self.fields:
            kept: int | None = self.initial.get("number")
            return kept
        chosen = self.cleaned_data["number"]
        return int(chosen) if chosen else None

    def seen_marks(self) -> dict[str, str] | None:
        """None from a page that has none."""
        if "seen" not in self.data:
            return None
        return dict(mark.split("=", 1) for mark in self.cleaned_data["seen"].split() if "=" in mark)

    def tell(self, problems: tuple[policy_rules.Problem, ...]) -> None:
        """Each beside its field."""
        for problem in problems:
            name = _FORM_NAMES.get(problem.field, problem.field)
            self.add_error(name if name in self.fields else None, problem.text)

    @property
    def channel_rows(self) -> list[tuple[Channel, bool]]:
        """Those chosen, in their order; then the others."""
        chosen = [Channel(one) for one in self["channels"].value() or () if one in list(Channel)]
        return [(one, True) for one in chosen] + [(one, False) for one in Channel if one not in chosen]

    @property
    def parameter_rows(self) -> list[str]:
        """With an empty one at the end: without JavaScript that is how one is added."""
        return [*_without_blank_end(tuple(self["template_parameters"].value() or ())), ""]


def initial_of(values: PolicyValues) -> dict[str, Any]:
    plain = (
        "enabled", "automatic", "channels", "subject", "body", "template_language", "template_parameters", "file_name",
        "number",
    )  # fmt: skip
    return {
        **{name: getattr(values, name) for name in plain},
        "seen": " ".join(f"{name}={mark}" for name, mark in policies.fingerprints(values).items()),
        "template": values.template_name,
        "every_channel": ALL if values.every_channel else FIRST,
        "classes": [*(str(pk) for pk in values.classes), *([UNCLASSIFIED] if values.unclassified else [])],
    }


def _without_blank_end(texts: tuple[str, ...]) -> tuple[str, ...]:
    used = [place for place, text in enumerate(texts, start=1) if text.strip()]
    return texts[: max(used, default=0)]
