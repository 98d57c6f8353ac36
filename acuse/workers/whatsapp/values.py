"""What the steps of `acuse whatsapp` share."""

from __future__ import annotations

import os
from argparse import ArgumentParser
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from acuse.channels.models import WhatsAppNumber, WhatsAppTemplate
from acuse.channels.refusals import AccountRefused
from acuse.companies.models import Company
from acuse.workers.command import Exit

ACTOR = "command:whatsapp"
Answer = dict[str, Any]
Given = dict[str, Any]


def nothing(parser: ArgumentParser) -> None:
    return


def done(answer: Answer, given: Given) -> int:
    return Exit.DONE


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    #: For the help, in Spanish.
    says: str
    do: Callable[[Company, Given], Answer]
    add: Callable[[ArgumentParser], None] = nothing
    #: The exit code that an answer means.
    code: Callable[[Answer, Given], int] = done


def secret(variable: str, field: str) -> str:
    """The value of the variable: secrets never travel on the command line."""
    value = os.environ.get(variable, "").strip()
    if not value:
        raise AccountRefused(field, f"La variable {variable} está vacía o no existe.", "Definila y corré otra vez.")
    return value


def content_of(path: Path, field: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise AccountRefused(
            field, f"No se pudo leer {path}: {error.strerror}.", "Revisá el nombre y los permisos."
        ) from error


def text_of(path: Path, field: str) -> str:
    try:
        return content_of(path, field).decode()
    except UnicodeDecodeError as error:
        raise AccountRefused(field, f"{path} no es un texto en UTF-8.", "Guardalo como UTF-8.") from error


def for_number(parser: ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", help="el identificador del número en Meta")


def for_waiting(parser: ArgumentParser, help_: str) -> None:
    parser.add_argument("--wait", type=float, default=0.0, metavar="SEGUNDOS", help=help_)


def own_number(company: Company, phone_number_id: str) -> WhatsAppNumber:
    rows = WhatsAppNumber.objects.select_related("lane__company")
    found = rows.filter(account__company=company, phone_number_id=phone_number_id.strip()).first()
    if found is None:
        raise AccountRefused(
            "phone_number_id", "Ese número no es tuyo.", "Mirá los que hay con «acuse whatsapp numbers»."
        )
    return found


def own_template(company: Company, name: str, language: str) -> WhatsAppTemplate:
    """As it was read last."""
    rows = WhatsAppTemplate.objects.select_related("account__company").filter(account__company=company, gone_at=None)
    found = rows.filter(name=name, language=language).first()
    if found is None:
        raise AccountRefused(
            "name", f"No hay una plantilla {name} en {language}.", "Mirá las que hay con «acuse whatsapp templates»."
        )
    return found
