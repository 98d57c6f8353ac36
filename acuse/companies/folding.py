"""Text as searches compare it, in SQL; `acuse.kernel.names.fold` does the same in Python."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Func, TextField

from acuse.kernel.names import fold


class Fold(Func):
    """Lower case without accents; see `acuse_fold` in the migrations of companies."""

    function = "acuse_fold"
    output_field = TextField()


class Words(Func):
    """The folded words of a text, in which words that begin so are found by an index; see `acuse_words` in the
    migrations of directory."""

    function = "acuse_words"
    output_field = SearchVectorField()


class MailKey(Func):
    """An address of mail as it is compared; `directory.optout.mail_key` does the same in Python."""

    template = 'lower(%(expressions)s collate "C")'
    output_field = TextField()


def words_query(text: str) -> str:
    """For `SearchQuery(…, search_type="raw", config="simple")`: every word begins one of the text's. "": no word."""
    words = re.findall(r"[a-z0-9]+", fold(text))
    return " & ".join(f"{word}:*" for word in words)
