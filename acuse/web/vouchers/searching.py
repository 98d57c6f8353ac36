"""The search box of the grids of vouchers: a number, a CUIT, a name, in any mixture, by indexes alone."""

from __future__ import annotations

import re

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from acuse.companies.folding import Words, words_query
from acuse.companies.models import Company
from acuse.directory.models import Party
from acuse.kernel.names import fold
from acuse.vouchers.arca import VOUCHER_TYPES
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from acuse.web.grids.filtering import keys_of
from acuse.web.vouchers import numbers

#: Parties whose vouchers are found by the index of theirs. With more, so many vouchers match that they are met soon.
_FEW = 2000
#: Characters: as many as a name of a party has.
_LONGEST = 200
#: A CUIT, or its first digits.
_TAX_ID = re.compile(r"[0-9]{2}-?[0-9]{8}-?[0-9]|[0-9]{3,11}")
#: What titles are made of: these words tell kinds of voucher apart, not one voucher from another.
_HEADINGS = frozenset(
    word
    for name in (*(row.name for row in VOUCHER_TYPES.values()), *(kind.heading for kind in VoucherKind))
    for word in re.findall(r"[a-z]+", fold(name))
)


def search(vouchers: QuerySet[Voucher], company: Company, text: str) -> QuerySet[Voucher]:
    """Those in which all of it is found."""
    text = text[:_LONGEST]
    whole = Q(external_id=text.strip())
    rows = vouchers.alias(title_words=Words("title"))
    words, matching = [], Q()
    for word in _terms(text):
        if any(character.isdigit() for character in word):
            matching &= _by_digits(company, word)
        elif len(word) == 1 and word.isalpha():
            matching &= Q(letter=word.upper()) | _by_name(company, word)
        elif fold(word) in _HEADINGS:
            matching &= _by_heading(company, fold(word))
        else:
            words.append(word)
    if words:
        matching &= _by_name(company, " ".join(words))
    return rows.filter(matching | whole)


def _terms(text: str) -> list[str]:
    """By spaces, with `3 - 42` as one, each once."""
    return list(dict.fromkeys(re.sub(r"(?<=[0-9])\s*-\s*(?=[0-9])", "-", text).split()))


def _by_digits(company: Company, term: str) -> Q:
    found = Q()
    number = numbers.read(term)
    if number is not None:
        found |= by_number(number)
    if _TAX_ID.fullmatch(term):
        digits = term.replace("-", "")
        found |= _of_any(Party.objects.filter(company=company, tax_id__startswith=digits))
    # a name, or a title, has digits too
    return found | _by_name(company, term)


def by_number(number: numbers.Number) -> Q:
    found = Q(number=number.number)
    if number.point_of_sale is not None:
        found &= Q(point_of_sale=number.point_of_sale)
    if number.letter:
        found &= Q(letter=number.letter)
    return found


def _by_name(company: Company, text: str) -> Q:
    """Of its party, or the title that it was given in place of a number."""
    query = _query(text)
    if query is None:
        return Q(pk=None)
    titled = Q(number=None, title_words=query)
    return titled | _of_any(Party.objects.alias(words=Words("name")).filter(company=company, words=query))


def _by_heading(company: Company, word: str) -> Q:
    """What its title begins with, told by what it is: reading a million titles takes a second."""
    types = [row.code for row in VOUCHER_TYPES.values() if word in _words(row.name)]
    kinds = [kind.value for kind in VoucherKind if word in _words(kind.heading)]
    return Q(arca_type__in=types) | Q(arca_type=None, kind__in=kinds) | _by_name(company, word)


def _words(text: str) -> list[str]:
    return re.findall(r"[a-z]+", fold(text))


def _query(text: str) -> SearchQuery | None:
    words = words_query(text)
    return SearchQuery(words, search_type="raw", config="simple") if words else None


def _of_any(parties: QuerySet[Party]) -> Q:
    """Vouchers of theirs."""
    return Q(party__in=keys_of(parties, _FEW))
