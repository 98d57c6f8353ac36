"""One thing that was looked at: green, or with its mend. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from acuse.channels.contract import Grade


class Place(StrEnum):
    """Where a person mends it."""

    #: The assistant that connects WhatsApp.
    ASSISTANT = "assistant"
    #: Administración > Parámetros.
    PARAMETERS = "parameters"
    #: Administración > Configuraciones de envío de comprobantes.
    POLICIES = "policies"
    #: Envíos.
    DELIVERIES = "deliveries"
    #: The page of these checks itself: its buttons.
    STATUS = "status"
    #: On the server, or at Meta's: no page of ours.
    NOWHERE = ""


@dataclass(frozen=True, slots=True)
class Check:
    #: Stable: `acuse.channels.W001`.
    id: str
    grade: Grade
    text: str
    mend: str = ""
    #: Its CUIT; None = the installation's.
    company: str | None = None
    #: Of what it speaks, in two or three words; good or bad, the same.
    about: str = ""
    place: Place = Place.NOWHERE
    #: The same mend from the server's command line.
    command: str = ""
