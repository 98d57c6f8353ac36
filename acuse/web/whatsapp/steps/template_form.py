"""The form of a template: its shape; what Meta takes is `channels.whatsapp.template_draft`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from django import forms
from django.http import QueryDict

from acuse.channels.templates import variables
from acuse.channels.whatsapp import template_draft
from acuse.channels.whatsapp.template_draft import Draft, Finding
from acuse.web.policies.forms import ManyField


class DraftForm(forms.Form):
    name = forms.CharField(
        label="Nombre", required=False,
        help_text="Lo ves solo vos. Minúsculas sin acento, números y guion bajo.",
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )  # fmt: skip
    body = forms.CharField(
        label="Texto", required=False, strip=False,
        help_text="{{1}}, {{2}}… se llenan con los datos de cada comprobante. Ni al principio ni al final.",
        widget=forms.Textarea(attrs={"rows": "8", "data-count": str(template_draft.BODY_LIMIT)}),
    )  # fmt: skip
    footer = forms.CharField(
        label="Pie", required=False, help_text="Una línea en gris, sin variables. Puede quedar vacío.",
        widget=forms.TextInput(attrs={"data-count": str(template_draft.FOOTER_LIMIT)}),
    )  # fmt: skip
    examples = ManyField(label="Un ejemplo de cada variable", required=False)
    sample = forms.FileField(
        label="PDF de ejemplo", required=False,
        help_text="Meta mira uno para aprobarla. Sin elegir ninguno va uno neutro, sin datos de nadie. Hasta 5 MB.",
        widget=forms.FileInput(attrs={"accept": "application/pdf,.pdf"}),
        error_messages={"empty": "El archivo está vacío."},
    )  # fmt: skip

    def draft(self) -> Draft:
        """Of a valid form. An example whose variable has left the text may still stand in the page: it says nothing."""
        draft = _draft(self.cleaned_data)
        return replace(draft, examples=draft.examples[: len(set(variables(draft.body)))])

    def draft_as_typed(self) -> Draft:
        """Whatever is in it, for the preview."""
        return _draft({name: self[name].value() for name in ("name", "body", "footer", "examples")})

    @property
    def footer_text(self) -> str:
        return str(self["footer"].value() or "")

    @property
    def example_rows(self) -> list[str]:
        """One a variable of the text."""
        draft = self.draft_as_typed()
        return list(template_draft.examples_for(draft.body, draft.examples))

    @property
    def lacks_rows(self) -> bool:
        """The text has another count of variables than the page has examples."""
        draft = self.draft_as_typed()
        return len(set(variables(draft.body))) != len(draft.examples)

    def tell(self, found: Iterable[Finding]) -> None:
        """Each that Meta would refuse, beside its field."""
        for finding in found:
            if not finding.warning:
                self.add_error(finding.field, finding.text)


def with_text(sent: QueryDict, body: str) -> QueryDict:
    """What was sent, with another text."""
    data = sent.copy()
    data["body"] = body
    data.setlist("examples", list(template_draft.examples_for(body, data.getlist("examples"))))
    return data


def _draft(given: dict[str, Any]) -> Draft:
    return Draft(
        body=str(given["body"] or "").replace("\r\n", "\n"),
        footer=str(given["footer"] or "").strip(),
        name=str(given["name"] or "").strip(),
        examples=tuple(str(one).strip() for one in given["examples"] or ()),
    )
