"""What a *configuración de envío* may say. Pure: each problem names its field and the way out, in Spanish."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from acuse.channels.contract import Channel
from acuse.rendering import text
from acuse.vouchers.kinds import Audience, VoucherKind

MAX_SUBJECT = 200
MAX_BODY = 10_000
MAX_FILE_NAME = 200
#: Characters of one mapping; what it makes of a voucher may have 1,024 (Meta, 132005), and is cut there.
MAX_PARAMETER = 300
#: More variables than any template of Meta's holds in its 1,024 characters of body.
MAX_PARAMETERS = 50
#: Meta, message templates.
_TEMPLATE_NAME = re.compile(r"[a-z0-9_]{1,512}")
_LANGUAGE = re.compile(r"[a-z]{2,3}(_[A-Z]{2,3})?")
#: What Windows or a path refuses in a file's name.
_NOT_IN_NAMES = re.compile(r'[\\/<>:"|?*\x00-\x1f]')
#: Meta refuses these in a template's parameter.
_LINE_ENDS = re.compile(r"[\n\r\t\v\f\x85\u2028\u2029]")
_MANY_SPACES = re.compile(r" {5,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyValues:
    """All that a person decides of one kind's sending."""

    enabled: bool
    automatic: bool
    subject: str
    body: str
    #: Every one of `channels`, instead of the first for which the contact has an address.
    every_channel: bool
    #: In their order.
    channels: tuple[str, ...]
    #: Ids of customer classes; none, and not `unclassified`: everyone.
    classes: frozenset[int] = field(default_factory=frozenset)
    unclassified: bool = False
    template_name: str
    template_language: str
    #: The text for each {{n}}, in order.
    template_parameters: tuple[str, ...]
    file_name: str
    #: Id of the lane of the WhatsApp number that it leaves by; None: the default one.
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Problem:
    """`field` is a name of `PolicyValues`."""

    field: str
    text: str


def problems(values: PolicyValues, kind: VoucherKind) -> list[Problem]:
    """Everything that is wrong at once; none means that it can be saved."""
    return [*_channels(values), *_mail(values), *_template(values), *_file_name(values), *_segment(values, kind)]


def _channels(values: PolicyValues) -> Iterator[Problem]:
    known = {channel.value for channel in Channel}
    if set(values.channels) - known or len(set(values.channels)) != len(values.channels):
        yield Problem("channels", "Elegí entre los canales que hay, cada uno una vez.")
    elif values.enabled and not values.channels:
        yield Problem("channels", "Elegí al menos un canal, o deshabilitá este comprobante.")


def _mail(values: PolicyValues) -> Iterator[Problem]:
    used = Channel.EMAIL.value in values.channels
    yield from _text("subject", values.subject, MAX_SUBJECT, required=used)
    if _LINE_ENDS.search(values.subject):
        yield Problem("subject", "El asunto va en una sola línea.")
    yield from _text("body", values.body, MAX_BODY, required=used)


def _template(values: PolicyValues) -> Iterator[Problem]:
    used = Channel.WHATSAPP.value in values.channels
    if values.template_name or used:
        if not _TEMPLATE_NAME.fullmatch(values.template_name):
            yield Problem(
                "template_name",
                "El nombre va como en Meta: minúsculas sin acentos, números y guion bajo. Por ejemplo, comprobantes.",
            )
        if not _LANGUAGE.fullmatch(values.template_language):
            yield Problem("template_language", "El idioma va como en Meta: es_AR, es, en_US.")
    if len(values.template_parameters) > MAX_PARAMETERS:
        yield Problem("template_parameters", f"Son demasiadas variables: el máximo es {MAX_PARAMETERS}.")
    for number, parameter in enumerate(values.template_parameters, start=1):
        for problem in _parameter(parameter):
            yield Problem("template_parameters", f"En {{{{{number}}}}}: {problem}")


def _parameter(parameter: str) -> Iterator[str]:
    if not parameter.strip():
        yield "falta el texto. Meta no acepta una variable vacía."
    if len(parameter) > MAX_PARAMETER:
        yield f"son {len(parameter)} caracteres, y el máximo es {MAX_PARAMETER}."
    if _LINE_ENDS.search(parameter):
        yield "Meta no acepta saltos de línea ni tabulaciones. Dejalo en una sola línea."
    if _MANY_SPACES.search(parameter):
        yield "Meta no acepta más de cuatro espacios seguidos."
    yield from _variables(parameter, text.PARAMETER_VARIABLES)


def _file_name(values: PolicyValues) -> Iterator[Problem]:
    yield from _text("file_name", values.file_name, MAX_FILE_NAME, required=True)
    refused = sorted(set(_NOT_IN_NAMES.findall(values.file_name)))
    if refused:
        shown = " ".join(sign if sign.isprintable() else "salto de línea" for sign in refused)
        yield Problem("file_name", f"El nombre de un archivo no puede tener {shown}")


def _segment(values: PolicyValues, kind: VoucherKind) -> Iterator[Problem]:
    if kind.audience is not Audience.CUSTOMER and (values.classes or values.unclassified):
        yield Problem("classes", "A proveedores y bancos no se los filtra por clase.")


def _text(field: str, given: str, limit: int, *, required: bool) -> Iterator[Problem]:
    if required and not given.strip():
        yield Problem(field, "Falta el texto.")
    if len(given) > limit:
        yield Problem(field, f"Son {len(given)} caracteres, y el máximo es {limit}.")
    yield from (Problem(field, said) for said in _variables(given, text.VARIABLES))


def _variables(given: str, known: Mapping[str, str]) -> Iterator[str]:
    try:
        text.check(given, known)
    except (text.UnknownVariable, text.BrokenVariable) as error:
        yield str(error)
