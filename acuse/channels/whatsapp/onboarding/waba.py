"""Step 3: the account (Meta's WABA), of those that the token reaches."""

from __future__ import annotations

from collections.abc import Callable

from acuse.channels import selectors
from acuse.channels.accounts import WhatsAppParameters
from acuse.channels.contract import Cause
from acuse.channels.fitting import put
from acuse.channels.models import WhatsAppNumber
from acuse.channels.whatsapp import facts
from acuse.channels.whatsapp.facts import AccountFacts
from acuse.channels.whatsapp.management import Management, ManagementError
from acuse.channels.whatsapp.onboarding.asking import Words, account_of, ask_for, meta_id
from acuse.companies.models import Company

#: Those that Meta is asked about: each one is a call.
MOST_ACCOUNTS = 20

ACCOUNT_WORDS: Words = {
    (100, 33): Cause(
        "waba",
        "El token no llega a esa cuenta, o no existe.",
        "Revisá el identificador, y que el usuario del sistema la tenga asignada.",
    ),
    (100, None): Cause("waba", "Eso no es el identificador de una cuenta de WhatsApp.", "Copialo de WhatsApp Manager."),
    (200, None): Cause(
        "asset",
        "El usuario del sistema no tiene esa cuenta asignada.",
        "En Usuarios del sistema → Agregar activos, asignale la cuenta con control total, y probá de nuevo.",
    ),
}


def accounts_to_choose(company: Company) -> list[AccountFacts]:
    """Those that the token is limited to. Empty when it isn't limited: then the id is written by hand.

    One that Meta refuses (deleted, or taken from the system user) doesn't hide the others; beyond MOST_ACCOUNTS they
    are ids alone. Raises OnboardingError when none is left.
    """
    account = account_of(company)
    token = account.access_token.reveal()

    async def look(graph: Management) -> list[AccountFacts]:
        targets = (await graph.token(token)).targets or frozenset()
        wanted = sorted(targets)
        found, refused = [], None
        for waba_id in wanted[:MOST_ACCOUNTS]:
            try:
                found.append(await graph.account(waba_id))
            except ManagementError as error:
                if error.passing:
                    raise
                refused = error
        if refused is not None and not found:
            raise refused
        return found + [facts.account_of({"id": waba_id}) for waba_id in wanted[MOST_ACCOUNTS:]]

    return ask_for(company, look, field="waba_id", words=ACCOUNT_WORDS)


def look_at_account(company: Company, waba_id: str) -> AccountFacts:
    """What Meta says of an account that somebody chose. Raises OnboardingError."""
    wanted = meta_id(waba_id, "waba_id")
    return ask_for(company, lambda graph: graph.account(wanted), field="waba_id", words=ACCOUNT_WORDS)


def leaves_another(company: Company, waba_id: str) -> bool:
    """Choosing this account leaves one that has numbers of ours."""
    moves = _chosen(company) not in ("", waba_id)
    return moves and WhatsAppNumber.objects.filter(account__company=company).exists()


def choose_account(
    company: Company, waba_id: str, *, change: Callable[[WhatsAppParameters], object], read: Callable[[], object]
) -> AccountFacts:
    """The account becomes the company's, with its name; of one that had another, everything is read again.

    `change` as for `credentials.prove`; `read` is `deliveries.syncing.sync`: what follows from numbers and templates
    that this account doesn't have. Raises OnboardingError, AccountError, and what `read` raises once it is saved.
    """
    found, before = look_at_account(company, waba_id), _chosen(company)
    change(WhatsAppParameters(waba_id=waba_id))
    if before not in ("", waba_id):
        read()
    else:
        account = account_of(company)
        put(account, {"name": found.name, "currency": found.currency})
        account.save(update_fields=["name", "currency"])
    return found


def _chosen(company: Company) -> str:
    account = selectors.whatsapp_account(company)
    return account.waba_id if account is not None else ""
