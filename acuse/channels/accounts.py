"""The company's WhatsApp app, account and number, and its mailbox: what sending needs. Written here, nowhere else.

`deliveries.senders` calls these, since what waits in the queue must hear of a change.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import ProtectedError, QuerySet

from acuse.channels import selectors
from acuse.channels.account_changes import Changes
from acuse.channels.contract import Channel
from acuse.channels.models import Lane, Mailbox, WhatsAppAccount, WhatsAppApp, WhatsAppNumber
from acuse.companies import audit
from acuse.companies.models import Company
from acuse.companies.secrets.crypto import Secret
from acuse.kernel import clock
from acuse.kernel.ids import new_secret

#: Messages a second where nobody says otherwise: Meta's default for a number, and a mild pace for a mailbox.
WHATSAPP_THROUGHPUT = 80
MAILBOX_THROUGHPUT = 10


class AccountError(ValueError):
    """Refused; `field` names what, the text says why and the way out, in Spanish."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatsAppParameters:
    """What is given; None leaves what is there."""

    access_token: str | None = None
    phone_number_id: str | None = None
    waba_id: str | None = None
    app_id: str | None = None
    app_secret: str | None = None
    throughput: int | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of the given."""

    #: None while there is no number, or no mailbox.
    lane: Lane | None
    #: The names of what is different now.
    changed: frozenset[str] = field(default_factory=frozenset)


@transaction.atomic
def save_whatsapp(company: Company, given: WhatsAppParameters, *, actor: str) -> Saved:
    """Make or change the company's WhatsApp parameters. Account and lane stay the same rows, so that what is in the
    queue keeps its place. Raises AccountError."""
    # two that save at once would both make the account
    Company.objects.select_for_update().get(pk=company.pk)
    changed = Changes()
    app = _save_app(company, given, changed)
    account = _save_account(company, app, given, changed)
    number = _save_number(company, account, given, changed)
    if account.access_token:
        # every number that stood still with the token that was removed
        for lane in _lanes_of(account):
            _activate(lane, active=True)
    if changed:
        audit.record(company=company, actor=actor, event="whatsapp.changed", target=company.cuit, **changed.told())
    return Saved(number.lane if number else None, changed.names)


def _save_app(company: Company, given: WhatsAppParameters, changed: Changes) -> WhatsAppApp | None:
    app = selectors.whatsapp_app(company)
    if given.app_id is not None:
        app_id = _digits("app_id", given.app_id)
        if app is None or app.app_id != app_id:
            changed.note("app_id", app.app_id if app else "", app_id)
            app = WhatsAppApp.objects.filter(company=company, app_id=app_id).first()
            app = app or WhatsAppApp(company=company, app_id=app_id)
    if given.app_secret is not None:
        if app is None:
            raise AccountError("app_id", "Para guardar la clave secreta de la app hace falta también su identificador.")
        secret = given.app_secret.strip()
        if app._state.adding or app.app_secret.reveal() != secret:
            changed.note_secret("app_secret")
        app.app_secret, app.secret_saved_at = secret, clock.now()
    if app is not None and (given.app_id is not None or given.app_secret is not None):
        app.save()
    return app


def _save_account(
    company: Company, app: WhatsAppApp | None, given: WhatsAppParameters, changed: Changes
) -> WhatsAppAccount:
    account = selectors.whatsapp_account(company) or WhatsAppAccount(company=company)
    if given.waba_id is not None:
        waba_id = _digits("waba_id", given.waba_id)
        if account.waba_id != waba_id:
            changed.note("waba_id", account.waba_id, waba_id)
            if account.waba_id:
                _forget(account)
        account.waba_id = waba_id
    if given.access_token is not None:
        token = given.access_token.strip()
        if account._state.adding or account.access_token.reveal() != token:
            changed.note_secret("access_token")
            # the other one's
            account.token_expires_at, account.token_scopes, account.token_refused_at = None, [], None
        account.access_token, account.token_saved_at = token, clock.now()
    account.app = app
    account.save()
    return account


def _forget(account: WhatsAppAccount) -> None:
    """What Meta said of the account that is left says nothing of the next, which may not even have its numbers."""
    account.name, account.currency, account.health, account.webhook = "", "", {}, {}
    account.synced_at = None
    WhatsAppNumber.objects.filter(account=account, status="CONNECTED").update(status="")


def _save_number(
    company: Company, account: WhatsAppAccount, given: WhatsAppParameters, changed: Changes
) -> WhatsAppNumber | None:
    number = selectors.whatsapp_number(company)
    if given.phone_number_id is not None:
        phone_number_id = _digits("phone_number_id", given.phone_number_id)
        known = _known_number(company, phone_number_id)
        if known is not None and known != number:
            text = "Ese número ya es otra de tus líneas: elegilo como principal en vez de cambiar este."
            raise AccountError("phone_number_id", text)
        if number is None:
            lane = Lane.objects.create(
                company=company,
                channel=Channel.WHATSAPP,
                name=f"WhatsApp {phone_number_id}",
                throughput=given.throughput or WHATSAPP_THROUGHPUT,
                is_active=bool(account.access_token),
            )
            number = WhatsAppNumber(account=account, lane=lane)
        if number.phone_number_id != phone_number_id:
            changed.note("phone_number_id", number.phone_number_id, phone_number_id)
            number.phone_number_id = phone_number_id
            number.lane.name = f"WhatsApp {phone_number_id}"
            number.lane.save(update_fields=["name"])
            number.save()
    if number is not None and given.throughput is not None:
        before = number.lane.throughput
        if _set_pace(number.lane, given.throughput):
            changed.note("throughput", before, given.throughput)
    return number


def _known_number(company: Company, phone_number_id: str) -> WhatsAppNumber | None:
    """The company's number with Meta's id, None when nobody has it. Raises AccountError when another company does."""
    number = WhatsAppNumber.objects.select_related("lane", "account").filter(phone_number_id=phone_number_id).first()
    if number is not None and number.account.company_id != company.pk:
        raise AccountError("phone_number_id", "Ese número ya lo usa otra empresa de esta instalación.")
    return number


def _digits(field: str, text: str) -> str:
    value = text.strip()
    if not (value.isascii() and value.isdigit() and len(value) <= 40):
        raise AccountError(field, f"«{value[:40]}» no es un identificador de Meta: son solo números.")
    return value


@transaction.atomic
def remove_token(company: Company, *, actor: str) -> None:
    """Nothing leaves by WhatsApp any more: what is in the queue waits, and new deliveries take another channel."""
    account = selectors.whatsapp_account(company)
    if account is None or not account.access_token:
        return
    account.access_token, account.token_saved_at = "", None
    account.save(update_fields=["access_token", "token_saved_at"])
    for lane in _lanes_of(account):
        _activate(lane, active=False)
    audit.record(company=company, actor=actor, event="whatsapp.token_removed", target=company.cuit)


@transaction.atomic
def remove_app_secret(company: Company, *, actor: str) -> None:
    """Every webhook of the app is refused from now on."""
    app = selectors.whatsapp_app(company)
    if app is None or not app.app_secret:
        return
    app.app_secret, app.secret_saved_at = "", None
    app.save(update_fields=["app_secret", "secret_saved_at"])
    audit.record(company=company, actor=actor, event="whatsapp.app_secret_removed", target=company.cuit)


@transaction.atomic
def new_verify_token(company: Company, *, actor: str) -> str:
    """The only moment in which it is shown. Meta asks for it again only when the webhook's address is saved there.

    Raises AccountError without an app.
    """
    app = selectors.whatsapp_app(company)
    if app is None:
        raise AccountError("app_id", "Primero guardá el identificador de la app.")
    token = new_secret()
    app.verify_token = token
    app.save(update_fields=["verify_token"])
    audit.record(company=company, actor=actor, event="whatsapp.verify_token_made", target=app.app_id)
    return token


@transaction.atomic
def save_mailbox(
    company: Company,
    *,
    url: str,
    from_address: str,
    actor: str,
    from_name: str | None = None,
    new_password: bool = True,
) -> Saved:
    """`url` was checked by the caller, who knows the adapter. `from_name`: None leaves what is there, blank is the
    company's own name."""
    Company.objects.select_for_update().get(pk=company.pk)
    lane = Lane.objects.filter(company=company, channel=Channel.EMAIL, is_default=True).first()
    if lane is None:
        lane = Lane.objects.create(
            company=company, channel=Channel.EMAIL, name=from_address, throughput=MAILBOX_THROUGHPUT
        )
    box = Mailbox.objects.filter(lane=lane).first() or Mailbox(lane=lane, url="")
    name = box.from_name if from_name is None else from_name.strip()
    changed = Changes()
    if not box.pk or box.url.reveal() != url:
        # it holds the password
        changed.note_secret("account")
    for field_name, value in (("from_address", from_address), ("from_name", name)):
        if getattr(box, field_name) != value:
            changed.note(field_name, getattr(box, field_name), value)
    box.url, box.from_address, box.from_name = Secret(url), from_address, name
    if new_password:
        box.password_saved_at = clock.now()
    box.save()
    _activate(lane, active=True)
    if changed:
        lane.name = from_address
        lane.save(update_fields=["name"])
        audit.record(company=company, actor=actor, event="mailbox.changed", target=company.cuit, **changed.told())
    return Saved(lane, changed.names)


@transaction.atomic
def remove_mailbox(company: Company, *, actor: str) -> None:
    """No mail leaves any more. Its lane stays, with what it sent and what waits."""
    box = selectors.mailbox(company)
    if box is None:
        return
    _activate(box.lane, active=False)
    box.delete()
    audit.record(company=company, actor=actor, event="mailbox.removed", target=company.cuit)


@transaction.atomic
def set_pace(lane: Lane, throughput: int, *, actor: str) -> None:
    """`throughput` in messages a second. Raises AccountError."""
    if _set_pace(lane, throughput):
        audit.record(company=lane.company, actor=actor, event="lane.pace_set", target=lane.name, throughput=throughput)


def _set_pace(lane: Lane, throughput: int) -> bool:
    if throughput < 1:
        raise AccountError("throughput", "Tiene que ser un número de 1 en adelante.")
    if lane.throughput == throughput:
        return False
    lane.throughput, lane.chosen_pace = throughput, None
    lane.save(update_fields=["throughput", "chosen_pace"])
    return True


def _lanes_of(account: WhatsAppAccount) -> QuerySet[Lane]:
    return Lane.objects.filter(whatsapp_number__account=account)


def _activate(lane: Lane, *, active: bool) -> None:
    if lane.is_active != active:
        lane.is_active = active
        lane.save(update_fields=["is_active"])


@transaction.atomic
def add_number(
    account: WhatsAppAccount, *, phone_number_id: str, default: bool, actor: str, throughput: int | None = None
) -> WhatsAppNumber:
    """A further number of the account, with a lane of its own; one that is ours already is the answer.

    The first is the default whatever is asked. Raises AccountError.
    """
    company = account.company
    Company.objects.select_for_update().get(pk=company.pk)
    number = _known_number(company, phone_number_id)
    if number is None:
        lane = Lane.objects.create(
            company=company,
            channel=Channel.WHATSAPP,
            name=f"WhatsApp {phone_number_id}",
            throughput=throughput or WHATSAPP_THROUGHPUT,
            is_default=False,
            is_active=bool(account.access_token),
        )
        number = WhatsAppNumber.objects.create(account=account, lane=lane, phone_number_id=phone_number_id)
        audit.record(company=company, actor=actor, event="whatsapp.number_chosen", target=phone_number_id)
    if default or not _default_lane(company).exists():
        make_default(number.lane, actor=actor)
    return number


@transaction.atomic
def make_default(lane: Lane, *, actor: str) -> None:
    """New deliveries of its channel take this lane; what waits in the others stays there."""
    if lane.is_default:
        return
    _default_lane(lane.company).exclude(pk=lane.pk).update(is_default=False)
    lane.is_default = True
    lane.save(update_fields=["is_default"])
    audit.record(company=lane.company, actor=actor, event="lane.made_default", target=lane.name)


@transaction.atomic
def remove_number(number: WhatsAppNumber, *, actor: str) -> None:
    """One that never sent: what has left by a number, and the receipts that still come, need it.

    Kinds that left by it take the default one. Raises AccountError.
    """
    lane = number.lane
    if lane.is_default:
        raise AccountError("number", "Es el principal: elegí antes otro como principal.")
    company, target = lane.company, number.phone_number_id
    try:
        with transaction.atomic():
            lane.delete()
    except ProtectedError as error:
        text = "Por ese número ya salieron envíos, y sus avisos todavía pueden llegar. Queda, y nada nuevo sale por él."
        raise AccountError("number", text) from error
    audit.record(company=company, actor=actor, event="whatsapp.number_removed", target=target)


def _default_lane(company: Company) -> QuerySet[Lane]:
    return Lane.objects.filter(company=company, channel=Channel.WHATSAPP, is_default=True)


@transaction.atomic
def set_sandbox(number: WhatsAppNumber, rewriting: str, *, actor: str) -> None:
    """How a test number writes Argentine mobiles; `rewriting` is of `WhatsAppNumber.Sandbox`. Raises AccountError."""
    if rewriting not in WhatsAppNumber.Sandbox.values:
        raise AccountError("sandbox", "Elegí una de las tres formas.")
    if number.sandbox != rewriting:
        number.sandbox = rewriting
        number.save(update_fields=["sandbox"])
        target = number.phone_number_id
        audit.record(
            company=number.lane.company, actor=actor, event="whatsapp.sandbox_set", target=target, to=rewriting
        )
