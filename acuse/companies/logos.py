"""A company's logo: checked by content, and drawn again, so that nothing of the given file is ever served."""

from __future__ import annotations

import io
import warnings

from django.db import transaction
from PIL import Image, ImageOps

from acuse.companies import audit
from acuse.companies.models import Company, CompanyLogo
from acuse.companies.services import CompanyError

MOST_BYTES = 2 * 1024 * 1024
WIDEST, HIGHEST = 600, 200
#: More than any camera takes for a logo, and as much memory as a request may use.
_MOST_PIXELS = 24_000_000
_FORMATS = ("PNG", "JPEG", "WEBP")


@transaction.atomic
def set_logo(*, company: Company, content: bytes, actor: str) -> None:
    """Raises CompanyError."""
    png = redraw(content)
    CompanyLogo.objects.update_or_create(company=company, defaults={"png": png})
    audit.record(company=company, actor=actor, event="company.logo_set", target=company.cuit, bytes=len(png))


@transaction.atomic
def remove_logo(*, company: Company, actor: str) -> None:
    if CompanyLogo.objects.filter(company=company).delete()[0]:
        audit.record(company=company, actor=actor, event="company.logo_removed", target=company.cuit)


def redraw(content: bytes) -> bytes:
    """A PNG of at most 600×200, its first frame, upright. Raises CompanyError."""
    if len(content) > MOST_BYTES:
        raise CompanyError("logo", "El archivo pesa más de 2 MB. Achicalo y subilo de nuevo.")
    try:
        with warnings.catch_warnings():
            # Pillow only warns of pictures that are small as a file and huge in memory
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _redrawn(content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except (OSError, ValueError, SyntaxError, EOFError) as error:
        if isinstance(error, CompanyError):
            raise
        raise CompanyError("logo", "No es una imagen PNG, JPEG o WebP que se pueda leer. Probá con otra.") from error


def _redrawn(content: bytes) -> bytes:
    with Image.open(io.BytesIO(content), formats=_FORMATS) as given:
        # the head alone has been read
        if given.width * given.height > _MOST_PIXELS:
            raise _too_many_pixels()
        given.draft("RGB", (WIDEST * 2, HIGHEST * 2))
        upright = ImageOps.exif_transpose(given).convert("RGBA")
    upright.thumbnail((WIDEST, HIGHEST))
    out = io.BytesIO()
    # a picture of its own: no text, no position, no profile of the given one
    clean = Image.new("RGBA", upright.size)
    clean.paste(upright)
    clean.save(out, "PNG", optimize=True)
    return out.getvalue()


def _too_many_pixels() -> CompanyError:
    return CompanyError("logo", "La imagen es demasiado grande. Achicala a 2000 píxeles de ancho o menos.")
