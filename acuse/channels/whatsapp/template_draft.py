"""A template before Meta sees it: its text checked by Meta's rules, its components, its preview. Pure.

Limits and format errors: Meta, templates. What Meta keeps to itself (the ratio of words to variables) only warns.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from acuse.channels.templates import VARIABLE, variables
from acuse.kernel.names import fold

NAME_LIMIT, BODY_LIMIT, FOOTER_LIMIT = 512, 1024, 60
#: Words for each variable below which integrators report refusals (subcode 2388293); Meta publishes no figure.
WORDS_AVARIABLE = 3
DEFAULT_NAME, DEFAULT_LANGUAGE, CATEGORY = "comprobantes", "es_AR", "UTILITY"

_PROMOTIONAL = re.compile(r"\b(ofertas?|promo\w*|descuentos?|sorteos?|aprovech\w+|gratis|cup[oó]n\w*)\b", re.IGNORECASE)
_FORMATTING = re.compile(r"\n{3,}")

#: The original's text, word for word (its description), and a better one: it says who sends, and how to answer.
ORIGINAL_BODY = "Hola!\n\nYa podes descargar tu comprobante {{1}}.\n\nMuchas gracias."
BETTER_BODY = (
    "Hola, te enviamos tu comprobante {{1}}. Lo tenés adjunto en este mensaje.\n\n"
    "Ante cualquier duda respondé por acá. Si no querés recibir más comprobantes por WhatsApp, respondé BAJA."
)
EXAMPLE = "Factura A 00003-00000042"
#: For the variables, in order: what people put into a message about a voucher.
EXAMPLES = (EXAMPLE, "Almacén Norte SRL", "$ 12.100,00", "20/11/2026")
#: What Meta accepts in a sample of a variable.
EXAMPLE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Draft:
    body: str
    footer: str = ""
    name: str = DEFAULT_NAME
    language: str = DEFAULT_LANGUAGE
    category: str = CATEGORY
    #: A sample for each variable of the body, in order.
    examples: tuple[str, ...] = (EXAMPLE,)


def examples_for(body: str, given: Sequence[str] = ()) -> tuple[str, ...]:
    """One a variable of the body: those that are given, in order, and a likely one for each that is missing."""
    wanted = len(set(variables(body)))
    likely = [*EXAMPLES[:wanted], *([EXAMPLE] * (wanted - len(EXAMPLES)))]
    return (*given[:wanted], *likely[len(given) :])


@dataclass(frozen=True, slots=True)
class Finding:
    """`field`: name, body, footer or examples. A warning doesn't stop it."""

    field: str
    text: str
    warning: bool = False


def footer_for(company: str) -> str:
    """The company's own name, in what Meta allows of a footer."""
    return company.strip()[:FOOTER_LIMIT].strip()


def findings(draft: Draft) -> list[Finding]:
    """What Meta would refuse, then what it may. Empty: send it."""
    return [*_name(draft.name), *_body(draft.body), *_footer(draft.footer), *_examples(draft), *_warnings(draft)]


def _name(name: str) -> list[Finding]:
    if not re.fullmatch(r"[a-z0-9_]+", name):
        near = re.sub(r"[^a-z0-9]+", "_", fold(name)).strip("_")
        hint = f" Podés usar «{near}»." if near else ""
        return [Finding("name", f"El nombre lleva solo minúsculas sin acento, números y guion bajo.{hint}")]
    if len(name) > NAME_LIMIT:
        return [Finding("name", f"El nombre puede tener hasta {NAME_LIMIT} caracteres.")]
    return []


def _body(body: str) -> list[Finding]:
    text = body.strip()
    if not text:
        return [Finding("body", "Falta el texto del mensaje.")]
    found = []
    if len(text) > BODY_LIMIT:
        found.append(Finding("body", f"El texto tiene {len(text)} caracteres y Meta acepta hasta {BODY_LIMIT}."))
    names = variables(text)
    if "{{" in VARIABLE.sub("", text) or "}}" in VARIABLE.sub("", text):
        found.append(Finding("body", "Hay llaves sueltas. Una variable se escribe {{1}}."))
    if any(not re.fullmatch(r"[1-9][0-9]?", name) for name in names):
        found.append(
            Finding("body", "Las variables van numeradas: {{1}}, {{2}}… Qué lleva cada una lo elegís después.")
        )
    elif sorted(set(map(int, names))) != list(range(1, len(set(names)) + 1)):
        found.append(Finding("body", "Las variables tienen que ir en orden y sin saltos: {{1}}, {{2}}, {{3}}."))
    if re.match(VARIABLE, text) or re.search(VARIABLE.pattern + r"$", text):
        # a full stop after the last one is enough for Meta's rule, which looks at the very ends
        found.append(Finding("body", "El texto no puede empezar ni terminar con una variable. Agregá palabras."))
    if re.search(r"\}\}\s*\{\{", text):
        found.append(Finding("body", "No puede haber dos variables juntas. Poné palabras entre ellas."))
    return found


def _footer(footer: str) -> list[Finding]:
    if len(footer) > FOOTER_LIMIT:
        return [Finding("footer", f"El pie tiene {len(footer)} caracteres y Meta acepta hasta {FOOTER_LIMIT}.")]
    if "{{" in footer or "\n" in footer.strip():
        return [Finding("footer", "El pie va en una línea y sin variables.")]
    return []


def _examples(draft: Draft) -> list[Finding]:
    wanted = len(set(variables(draft.body)))
    if len(draft.examples) != wanted or not all(example.strip() for example in draft.examples):
        return [Finding("examples", f"Falta un ejemplo por variable: hay {wanted}. Meta los mira para aprobarla.")]
    long = next((example for example in draft.examples if len(example) > EXAMPLE_LIMIT), None)
    if long is not None:
        return [Finding("examples", f"El ejemplo «{long[:30]}…» es muy largo: hasta {EXAMPLE_LIMIT} caracteres.")]
    return []


def _warnings(draft: Draft) -> list[Finding]:
    found = []
    names = variables(draft.body)
    words = len(re.findall(r"\w+", VARIABLE.sub(" ", draft.body)))
    if names and words < WORDS_AVARIABLE * len(names):
        found.append(Finding("body", "Hay pocas palabras para tantas variables: Meta suele rechazarla.", warning=True))
    promoting = _PROMOTIONAL.search(f"{draft.body} {draft.footer}")
    if promoting is not None and draft.category == CATEGORY:
        found.append(
            Finding(
                "body",
                f"Por «{promoting.group(0)}», Meta puede pasarla a marketing: cuesta más y hay gente que no la recibe.",
                warning=True,
            )
        )
    if _FORMATTING.search(draft.body):
        found.append(Finding("body", "Hay más de una línea en blanco seguida: Meta suele rechazarla.", warning=True))
    return found


def components(draft: Draft, header_handle: str) -> list[dict[str, Any]]:
    """As `message_templates` wants them: a document on top, the text, the footer."""
    body: dict[str, Any] = {"type": "BODY", "text": draft.body.strip()}
    if draft.examples and variables(draft.body):
        body["example"] = {"body_text": [list(draft.examples)]}
    made: list[dict[str, Any]] = [
        {"type": "HEADER", "format": "DOCUMENT", "example": {"header_handle": [header_handle]}},
        body,
    ]
    if draft.footer.strip():
        made.append({"type": "FOOTER", "text": draft.footer.strip()})
    return made


def creation(draft: Draft, header_handle: str) -> dict[str, Any]:
    return {
        "name": draft.name,
        "language": draft.language,
        "category": draft.category,
        "parameter_format": "POSITIONAL",
        "components": components(draft, header_handle),
    }
