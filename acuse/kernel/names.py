"""Names of files, and the folded text that searches compare."""

from __future__ import annotations

import re
import unicodedata

MAX_LENGTH = 120
_NAMELESS = "documento"
_SEPARATORS = re.compile(r"[/\\\u2044\u2215\u29f8\uff0f\uff3c]")
#: What Windows refuses in a file's name, besides the separators.
_FORBIDDEN = re.compile(r'[<>:"|?*]')
#: Control, format (bidi marks among them), surrogate, private and unassigned characters.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def safe_file_name(text: str, *, suffix: str = ".pdf") -> str:
    """A name of at most 120 characters that ends in `suffix` and can't point outside its folder."""
    name = _SEPARATORS.sub("-", unicodedata.normalize("NFC", text))
    name = _FORBIDDEN.sub("", " ".join(name.split()))
    name = "".join(c for c in name if unicodedata.category(c) not in _INVISIBLE)
    while name.lower().endswith(suffix.lower()):
        name = name[: -len(suffix)]
    stem = name.strip(" .")[: MAX_LENGTH - len(suffix)].rstrip(" .")
    return (stem or _NAMELESS) + suffix


def fold(text: str) -> str:
    """Lower case without accents, ñ as n: for searching, never for showing."""
    return _without_marks(_without_marks(text).casefold())


def _without_marks(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Mn")
