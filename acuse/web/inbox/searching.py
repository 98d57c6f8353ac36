"""The search box of *Mensajes recibidos*: by indexes alone, however many messages there are."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q, QuerySet

from acuse.companies.folding import Words, words_query
from acuse.companies.models import Company
from acuse.deliveries.models import MESSAGE_TEXT, InboundMessage
from acuse.directory.models import CONTACT_TEXT, Contact, Party
from acuse.vouchers.models import Voucher
from acuse.web.vouchers import numbers
from acuse.web.vouchers.searching import by_number

#: Vouchers of one number.
_FEW = 500


def search(messages: QuerySet[InboundMessage], company: Company, text: str) -> QuerySet[InboundMessage]:
    """Each word begins one of what was written, of who wrote it or of their party, or is the voucher's number."""
    for word in text[:200].split():
        first, *others = [found.order_by().values("pk") for found in _about(company, word)]
        # each by an index of its own; with `or`, every message would be read
        messages = messages.filter(pk__in=first.union(*others) if others else first)
    return messages


def _about(company: Company, word: str) -> Iterator[QuerySet[InboundMessage]]:
    ours = InboundMessage.objects.filter(company=company)
    # a part of a phone is looked for in all of them: they are short
    yield ours.filter(sender__contains=word) if word.isdecimal() else ours.none()
    words = words_query(word)
    if not words:
        return
    query = SearchQuery(words, search_type="raw", config="simple")
    yield ours.alias(words=Words(MESSAGE_TEXT)).filter(words=query)
    people = Contact.objects.alias(words=Words(CONTACT_TEXT)).filter(company=company, words=query)
    yield ours.filter(contact__in=people.values("pk"))
    parties = Party.objects.alias(words=Words("name")).filter(company=company, words=query)
    yield ours.filter(contact__party__in=parties.values("pk"))
    if any(character.isdigit() for character in word):
        yield ours.filter(delivery__voucher__in=_numbered(company, word, query))


def _numbered(company: Company, word: str, query: SearchQuery) -> list[UUID]:
    number = numbers.read(word)
    found = Q(number=None, words=query) | (by_number(number) if number is not None else Q(pk=None))
    vouchers = Voucher.objects.alias(words=Words("title")).filter(found, company=company)
    return list(vouchers.values_list("pk", flat=True)[:_FEW])
