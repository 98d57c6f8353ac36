"""Step 4: what customers see of the number: read and written."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from acuse.channels.whatsapp.management import Management
from acuse.channels.whatsapp.onboarding.asking import OnboardingError, app_of, ask_for
from acuse.channels.whatsapp.onboarding.kept import change_for
from acuse.companies import audit
from acuse.companies.models import Company

#: Characters (Meta, business profile).
LIMITS = {"about": 139, "address": 256, "description": 512, "email": 128}
MAX_WEBSITES, MAX_WEBSITE = 2, 256
#: Meta's categories in words.
VERTICALS = {
    "OTHER": "Otra",
    "RETAIL": "Comercio",
    "PROF_SERVICES": "Servicios profesionales",
    "GROCERY": "Almacén y supermercado",
    "FINANCE": "Finanzas",
    "AUTO": "Automotor",
    "APPAREL": "Indumentaria",
    "BEAUTY": "Belleza",
    "EDU": "Educación",
    "ENTERTAIN": "Entretenimiento",
    "EVENT_PLAN": "Eventos",
    "GOVT": "Gobierno",
    "HEALTH": "Salud",
    "HOTEL": "Hotelería",
    "NONPROFIT": "Sin fines de lucro",
    "RESTAURANT": "Gastronomía",
    "TRAVEL": "Viajes",
    "NOT_A_BIZ": "No es un negocio",
}
#: Bytes; pixels a side of the square that Meta asks for, and the most that are decoded.
MAX_PICTURE, SIDE, MAX_PIXELS = 5 * 1024 * 1024, 640, 40_000_000


@dataclass(frozen=True, slots=True)
class Profile:
    about: str = ""
    address: str = ""
    description: str = ""
    email: str = ""
    websites: tuple[str, ...] = ()
    vertical: str = ""
    picture_url: str = ""


def read(company: Company, *, phone_number_id: str) -> Profile:
    raw = ask_for(company, lambda graph: graph.profile(phone_number_id), field="phone_number_id")
    websites = raw.get("websites")
    return Profile(
        about=str(raw.get("about") or ""),
        address=str(raw.get("address") or ""),
        description=str(raw.get("description") or ""),
        email=str(raw.get("email") or ""),
        websites=tuple(str(site) for site in websites) if isinstance(websites, list) else (),
        vertical=str(raw.get("vertical") or ""),
        picture_url=str(raw.get("profile_picture_url") or ""),
    )


def save(company: Company, *, phone_number_id: str, given: Profile, picture: bytes | None = None, actor: str) -> None:
    """Raises OnboardingError, before Meta is asked where its rules are known."""
    values = _checked(given)
    square = None if picture is None else _square(picture)
    app_id = app_of(company).app_id

    async def write(graph: Management) -> None:
        if square is not None:
            values["profile_picture_handle"] = await graph.upload_sample(
                app_id, name="perfil.jpg", content=square, media_type="image/jpeg"
            )
        await graph.save_profile(phone_number_id, values)

    change_for(company, write, field="about")
    fields = sorted(values)
    audit.record(company=company, actor=actor, event="whatsapp.profile_saved", target=phone_number_id, fields=fields)


def _checked(given: Profile) -> dict[str, object]:
    values: dict[str, object] = {}
    for name, most in LIMITS.items():
        text = str(getattr(given, name)).strip()
        if len(text) > most:
            raise OnboardingError(name, f"Tiene {len(text)} caracteres y Meta acepta hasta {most}.")
        # Meta refuses an empty `about`; the others may be emptied
        if text or name != "about":
            values[name] = text
    email = values["email"]
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(email)):
        raise OnboardingError("email", "Eso no es una dirección de correo.")
    values["websites"] = list(_websites(given.websites))
    if given.vertical:
        if given.vertical not in VERTICALS:
            raise OnboardingError("vertical", "Elegí un rubro de la lista.")
        values["vertical"] = given.vertical
    return values


def _websites(given: Iterable[str]) -> list[str]:
    sites = [site.strip() for site in given if site.strip()]
    if len(sites) > MAX_WEBSITES:
        raise OnboardingError("websites", "Meta acepta hasta dos páginas web.")
    for site in sites:
        if not re.fullmatch(r"https?://\S+", site) or len(site) > MAX_WEBSITE:
            raise OnboardingError("websites", f"«{site[:60]}» no es una dirección web: empieza con https://.")
    return sites


def _square(content: bytes) -> bytes:
    """A JPEG of our own, square, whatever was given."""
    if len(content) > MAX_PICTURE:
        raise OnboardingError("picture", "La imagen pesa más de 5 MB.", "Elegí una más chica.")
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG", "WEBP")) as opened:
            if opened.width * opened.height > MAX_PIXELS:
                raise _too_many_pixels()
            side = min(opened.width, opened.height)
            left, top = (opened.width - side) // 2, (opened.height - side) // 2
            square = opened.convert("RGB").crop((left, top, left + side, top + side)).resize((SIDE, SIDE))
    except Image.DecompressionBombError as error:
        # Pillow's own limit, while it opens
        raise _too_many_pixels() from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        if isinstance(error, OnboardingError):
            raise
        raise OnboardingError("picture", "Eso no es una imagen PNG, JPG o WebP.", "Elegí otro archivo.") from error
    written = io.BytesIO()
    square.save(written, "JPEG", quality=90)
    return written.getvalue()


def _too_many_pixels() -> OnboardingError:
    return OnboardingError("picture", "La imagen es demasiado grande.", "Elegí una de menos de 40 megapíxeles.")


def of_mapping(values: Mapping[str, str]) -> Profile:
    """From a form's or a command's texts; websites by spaces or lines."""
    return Profile(
        about=values.get("about", ""),
        address=values.get("address", ""),
        description=values.get("description", ""),
        email=values.get("email", ""),
        vertical=values.get("vertical", ""),
        websites=tuple(values.get("websites", "").split()),
    )
