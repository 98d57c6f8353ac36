"""Step 3: the account's numbers; or a number that is added, verified by a code and registered with a PIN."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils.crypto import salted_hmac

from acuse.channels import accounts
from acuse.channels.contract import Cause
from acuse.channels.fitting import put
from acuse.channels.models import Lane, WhatsAppNumber
from acuse.channels.whatsapp.facts import NumberFacts
from acuse.channels.whatsapp.news.numbers import SLOW_THROUGHPUT, next_pace, pace_of
from acuse.channels.whatsapp.onboarding.asking import (
    OnboardingError,
    Words,
    account_of,
    ask_for,
    chosen_account,
    meta_id,
)
from acuse.channels.whatsapp.onboarding.kept import change_for
from acuse.channels.whatsapp.onboarding.waba import ACCOUNT_WORDS
from acuse.channels.whatsapp.pacing import SLOWED, restored, slowed
from acuse.companies import audit
from acuse.companies.models import Company
from acuse.kernel import clock, phone

#: The status in which a number sends.
CONNECTED = "CONNECTED"
#: Those of a number that the account had: another account has it, or nobody.
GONE = ("MIGRATED", "DELETED")
#: The code status of a number whose code was right.
VERIFIED = "VERIFIED"

_ADDING: Words = {
    (100, 2388012): Cause(
        "taken",
        "Ese número ya está en una cuenta de WhatsApp Business.",
        "Elegilo de la lista, o sacalo de la otra cuenta.",
    ),
    (100, 2388103): Cause(
        "many",
        "Tu portfolio ya tiene todos los números que Meta le permite.",
        "Verificá el negocio para tener hasta 20.",
    ),
}
_CODE: Words = {
    (136024, None): Cause(
        "code", "Meta no mandó otro código.", "Esperá un momento: si ya lo verificaste, seguí con el registro."
    ),
    (136025, None): Cause("code", "El código no es ese, o venció.", "Fijate el último que llegó, o pedí otro."),
}
_REGISTERING: Words = {
    (133005, None): Cause(
        "pin",
        "El número ya tiene un PIN de verificación en dos pasos, y no es ese.",
        "Escribí el que tenía, o borralo en WhatsApp Manager → Números → Verificación en dos pasos.",
    ),
    (133006, None): Cause("unverified", "Antes hay que verificar el número con el código.", "Pedí el código."),
    (133008, None): Cause(
        "guesses", "Hubo demasiados intentos con un PIN equivocado.", "Esperá, o borralo en WhatsApp Manager."
    ),
    (133009, None): Cause("pace", "Los intentos van muy seguidos.", "Esperá un minuto y probá de nuevo."),
    (133015, None): Cause("deleted", "El número se borró recién.", "Esperá cinco minutos y probá de nuevo."),
    (133016, None): Cause(
        "registrations",
        "Meta acepta diez registros del mismo número cada 72 horas, y ya se usaron.",
        "Esperá 72 horas. Lo demás de este asistente lo podés hacer mientras.",
    ),
}


@dataclass(frozen=True, slots=True)
class Choice:
    """A number of the account, and whether it is one of ours already."""

    facts: NumberFacts
    ours: bool
    default: bool

    @property
    def ready(self) -> bool:
        return self.facts.status == CONNECTED

    @property
    def verified(self) -> bool:
        return self.facts.code_status == VERIFIED


def read_numbers(company: Company) -> list[NumberFacts]:
    """What Meta lists. Raises OnboardingError."""
    account = chosen_account(company)
    return ask_for(company, lambda graph: graph.numbers(account.waba_id), field="waba_id", words=ACCOUNT_WORDS)


def numbers_to_choose(company: Company) -> list[Choice]:
    return choices_of(company, read_numbers(company))


def choices_of(company: Company, found: Iterable[NumberFacts]) -> list[Choice]:
    ours = dict(
        WhatsAppNumber.objects.filter(account__company=company).values_list("phone_number_id", "lane__is_default")
    )
    return [Choice(facts, facts.id in ours, ours.get(facts.id, False)) for facts in found]


def choose_number(company: Company, *, phone_number_id: str, default: bool, actor: str) -> Lane:
    """One of the account's numbers becomes one of ours, with its lane. Raises OnboardingError."""
    facts = _facts_of(company, phone_number_id)
    return _take(company, facts, default=default or _lost_default(company), actor=actor).lane


def _lost_default(company: Company) -> bool:
    """The number by which everything new leaves isn't in the account any more."""
    rows = WhatsAppNumber.objects.filter(account__company=company, lane__is_default=True)
    return rows.filter(status__in=GONE).exists()


def _facts_of(company: Company, phone_number_id: str) -> NumberFacts:
    """What Meta says of a number of the account. Raises OnboardingError."""
    wanted = meta_id(phone_number_id, "phone_number_id")
    found = {choice.facts.id: choice.facts for choice in numbers_to_choose(company)}
    if wanted not in found:
        raise OnboardingError(
            "phone_number_id", "Ese número no es de la cuenta que elegiste.", "Elegilo de la lista, o cambiá de cuenta."
        )
    return found[wanted]


def _take(company: Company, facts: NumberFacts, *, default: bool, actor: str) -> WhatsAppNumber:
    try:
        account = chosen_account(company)
        number = accounts.add_number(account, phone_number_id=facts.id, default=default, actor=actor)
    except accounts.AccountError as error:
        raise OnboardingError(error.field, str(error)) from error
    _take_pace(number, facts)
    keep_facts(number, facts)
    return number


def _take_pace(number: WhatsAppNumber, facts: NumberFacts) -> None:
    """From the first message on, and not only once the account is read again. What slows it down stays."""
    pace, lane = pace_of(facts.throughput_level, on_biz_app=facts.on_biz_app), number.lane
    usual = pace_of(number.throughput_level, on_biz_app=number.on_biz_app)
    before = SLOW_THROUGHPUT if number.status in SLOWED else usual
    if facts.status in SLOWED:
        if pace is not None and lane.throughput > SLOW_THROUGHPUT:
            lane.throughput = next_pace(pace, now=lane.throughput, before=before)
        lane.throughput = slowed(lane, SLOW_THROUGHPUT, meta=pace)
    elif pace is not None:
        lane.throughput = restored(lane, pace, before=before)
    lane.save(update_fields=["throughput"])


@transaction.atomic
def keep_facts(number: WhatsAppNumber, facts: NumberFacts) -> None:
    """What Meta says of the number, as of now."""
    put(
        number,
        {
            "display": facts.display,
            "verified_name": facts.verified_name,
            "status": facts.status,
            "quality": facts.quality,
            "code_status": facts.code_status,
            "name_status": facts.name_status,
            "throughput_level": facts.throughput_level,
            "mode": facts.mode,
            "on_biz_app": facts.on_biz_app,
            "synced_at": clock.now(),
        },
    )
    number.save()
    name = f"WhatsApp {number.display}" if number.display else f"WhatsApp {number.phone_number_id}"
    if number.lane.name != name:
        number.lane.name = name
        number.lane.save(update_fields=["name"])


def _check_shown_name(name: str) -> None:
    """Meta takes 2 to 75 characters: told here, in plain words. Raises OnboardingError."""
    if not name:
        raise OnboardingError("verified_name", "Falta el nombre que van a ver tus clientes.")
    if not 2 <= len(name) <= 75:
        raise OnboardingError("verified_name", f"El nombre lleva de 2 a 75 caracteres, y ese tiene {len(name)}.")


def add_number(company: Company, *, typed: str, verified_name: str, actor: str) -> str:
    """A number that Meta doesn't know yet; answers its id. Raises OnboardingError."""
    account = chosen_account(company)
    _check_shown_name(verified_name.strip())
    country, local = _parted(typed, company.default_area_code)
    try:
        added = change_for(
            company,
            lambda graph: graph.add_number(
                account.waba_id, country=country, local=local, verified_name=verified_name.strip()
            ),
            field="phone",
            words={**ACCOUNT_WORDS, **_ADDING},
        )
    except OnboardingError as error:
        # asked twice, or the first answer got lost: it is there already, and goes on from there
        here = None if error.passing else _begun(company, country + local)
        if here is None:
            raise
        return here
    added = added or _begun(company, country + local) or ""
    _note(company, actor, "whatsapp.number_added", added or country + local)
    if not added:
        text = "Meta aceptó el número, pero no sabemos con qué identificador quedó."
        raise OnboardingError("phone", text, "Leé la lista de nuevo en unos minutos, y seguí desde ahí.")
    return added


def _begun(company: Company, digits: str) -> str | None:
    """The id of the account's number with these digits that doesn't send yet; None also when Meta can't be asked."""
    try:
        choices = numbers_to_choose(company)
    except OnboardingError:
        return None
    return next((c.facts.id for c in choices if not c.ready and re.sub(r"\D", "", c.facts.display) == digits), None)


def _parted(typed: str, area_code: str) -> tuple[str, str]:
    """Country code and the rest. A landline may be registered too: its code comes by a call."""
    read = phone.parse(typed, default_area=area_code, assume_mobile=False)
    if read.e164 is None:
        raise OnboardingError("phone", read.reason)
    return phone.country_and_rest(read.e164)


def _free_for(company: Company, phone_number_id: str) -> str:
    """The id, unless the number is of another company of this installation: one token may reach both. Raises
    OnboardingError."""
    number = meta_id(phone_number_id, "phone_number_id")
    account_of(company)
    theirs = WhatsAppNumber.objects.filter(phone_number_id=number).exclude(account__company=company)
    if theirs.exists():
        raise OnboardingError("phone_number_id", "Ese número ya lo usa otra empresa de esta instalación.")
    return number


def request_code(company: Company, *, phone_number_id: str, method: str, actor: str) -> None:
    """`method`: SMS or VOICE. Raises OnboardingError."""
    number = _free_for(company, phone_number_id)
    if method not in ("SMS", "VOICE"):
        raise OnboardingError("method", "El código llega por SMS o por una llamada.")
    change_for(company, lambda graph: graph.request_code(number, method=method), field="method", words=_CODE)
    _note(company, actor, "whatsapp.code_requested", number)


def verify_code(company: Company, *, phone_number_id: str, code: str, actor: str) -> None:
    number, digits = _free_for(company, phone_number_id), re.sub(r"[\s-]", "", code)
    if not re.fullmatch(r"[0-9]{6}", digits):
        raise OnboardingError("code", "El código son seis números, por ejemplo 123456.")
    try:
        change_for(company, lambda graph: graph.verify_code(number, digits), field="code", words=_CODE)
    except OnboardingError as error:
        # the same code twice, or an answer that got lost: what counts is whether it is verified
        if error.passing or not _is_verified(company, number):
            raise
        return
    _note(company, actor, "whatsapp.code_verified", number)


def _is_verified(company: Company, number: str) -> bool:
    """False also when Meta can't be asked now."""
    try:
        return ask_for(company, lambda graph: graph.number(number)).code_status == VERIFIED
    except OnboardingError:
        return False


def register(company: Company, *, phone_number_id: str, pin: str | None, actor: str) -> str:
    """Connect the number to the Cloud API; it leaves the phone that had it, unless that is by coexistence.

    From then on it is one of ours. With None it gets the PIN that is kept, else one that is made. Answers the PIN that
    was made, to be shown; blank for one that somebody wrote, or was shown already. It is kept encrypted. Raises
    OnboardingError.
    """
    facts = _facts_of(company, _free_for(company, phone_number_id))
    row = WhatsAppNumber.objects.filter(phone_number_id=facts.id).first()
    digits = pin.strip() if pin is not None else (row.pin.reveal() if row is not None else "") or _made_pin(facts.id)
    if not re.fullmatch(r"[0-9]{6}", digits):
        raise OnboardingError("pin", "El PIN son seis números.")
    change_for(company, lambda graph: graph.register(facts.id, digits), field="pin", words=_REGISTERING)
    with transaction.atomic():
        # connected: Meta said so by accepting it
        taken = replace(facts, status=CONNECTED)
        row = _take(company, taken, default=_lost_default(company), actor=actor)
        row.pin = digits
        row.save(update_fields=["pin"])
        _note(company, actor, "whatsapp.number_registered", facts.id)
    return digits if pin is None and digits == _made_pin(facts.id) else ""


def _made_pin(number: str) -> str:
    """Not to be guessed, and the same each time: where Meta took it and its answer got lost, asking again works."""
    return f"{int(salted_hmac('acuse.whatsapp.pin', number, algorithm='sha256').hexdigest(), 16) % 10**6:06d}"


def set_pin(company: Company, *, phone_number_id: str, actor: str) -> str:
    """A new PIN, for when nobody knows the old one and Meta still lets the token change it. Shown this once.

    Of one of ours only: another's would be kept nowhere. Raises OnboardingError.
    """
    number, digits = meta_id(phone_number_id, "phone_number_id"), f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        # locked while Meta is asked: of two at once the one that Meta took last is kept
        rows = WhatsAppNumber.objects.select_for_update().filter(account__company=company, phone_number_id=number)
        found = rows.first()
        if found is None:
            text = "Ese número todavía no está en Acuse, y el PIN no quedaría guardado."
            raise OnboardingError("phone_number_id", text, "Elegilo antes de la lista de números.")
        change_for(company, lambda graph: graph.set_pin(number, digits), field="pin", words=_REGISTERING)
        found.pin = digits
        found.save(update_fields=["pin"])
        _note(company, actor, "whatsapp.pin_changed", number)
    return digits


def _note(company: Company, actor: str, event: str, target: str) -> None:
    audit.record(company=company, actor=actor, event=event, target=target)
