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
    # printable: none of them is in it
    visible = text if text.isprintable() else "".join(c for c in text if c.isspace() or _is_visible(c))
    name = _SEPARATORS.sub("-", unicodedata.normalize("NFC", visible))
    name = " ".join(_FORBIDDEN.sub("", name).split())
    stem = _stem(name, suffix)[: MAX_LENGTH - len(suffix)]
    return (_stem(stem, suffix) or _NAMELESS) + suffix


def _is_visible(character: str) -> bool:
    return unicodedata.category(character) not in _INVISIBLE


def _stem(name: str, suffix: str) -> str:
    name = name.strip(" .")
    while name.lower().endswith(suffix.lower()):
        name = name[: -len(suffix)].strip(" .")
    # A name that is only ".pdf" has lost its dot above.
    return "" if name.lower() == suffix.lower().strip(".") else name


def fold(text: str) -> str:
    """Lower case without accents, ñ as n: for searching, never for showing."""
    return _without_marks(_without_marks(text).casefold())


def _without_marks(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if unicodedata.category(c) != "Mn")
