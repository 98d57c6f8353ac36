"""A field of which, while one types, what is understood is shown below it: the number, the document, whose it is."""

from __future__ import annotations

from django import forms
from django.urls import reverse
from django.utils.html import format_html

#: Where it is shown, one of each in a page: htmx's target.
MOBILE, DOCUMENT = "mobile-look", "document-look"
#: How a mobile may be typed.
HOW_MOBILE = "Como lo tengas anotado: con 15, con 0 o sin nada."


def show_mobile(field: forms.Field, url: str) -> None:
    """`url`: where what is typed as a mobile is understood."""
    _show(field, url, MOBILE)
    field.widget.attrs["inputmode"] = "tel"


def show_document(field: forms.Field) -> None:
    _show(field, reverse("web:document_look"), DOCUMENT)


def _show(field: forms.Field, url: str, target: str) -> None:
    field.widget.attrs |= {
        "hx-get": url,
        "hx-trigger": "load, input changed delay:400ms",
        "hx-target": f"#{target}",
        "hx-swap": "innerHTML",
        "hx-push-url": "false",
        "autocomplete": "off",
    }
    text = f"{field.help_text} " if field.help_text else ""
    field.help_text = format_html('{}<span class="look" id="{}" aria-live="polite"></span>', text, target)
