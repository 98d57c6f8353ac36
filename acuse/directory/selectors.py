"""What is read of parties and contacts."""

from __future__ import annotations

from django.db.models import Q

from acuse.companies.models import Company
from acuse.directory.models import Contact
from acuse.kernel import phone


def contacts_by_address(company: Company, *, digits: str = "", user_id: str = "") -> list[Contact]:
    """The company's contacts that may have these digits or this user id, by the surest sign that finds any.

    The forms without the 9 come last: they can be somebody else's landline.
    """
    signs = []
    if digits:
        bare = digits.lstrip("+")
        signs.append(Q(mobile="+" + bare) | Q(identities__kind="wa_id", identities__value=bare))
    if user_id:
        signs.append(Q(identities__kind="bsuid", identities__value=user_id))
    if digits:
        signs.append(Q(mobile__in=["+" + form for form in phone.candidates("+" + bare)]))
    for sign in signs:
        if found := list(Contact.objects.filter(sign, company=company).distinct()):
            return found
    return []
