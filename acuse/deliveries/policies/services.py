"""*Configuraciones de envío*: what is done to them. None of it touches what is in the queue: that was frozen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.db import transaction

from acuse.channels.contract import Channel
from acuse.channels.models import Lane
from acuse.companies import audit
from acuse.companies.models import Company
from acuse.deliveries import consequences, waits
from acuse.deliveries.models import DeliveryPolicy
from acuse.deliveries.policies.rules import PolicyValues, Problem, problems
from acuse.directory.models import CustomerClass
from acuse.kernel import clock
from acuse.kernel.digest import canonical_digest
from acuse.vouchers.kinds import VoucherKind

_PLAIN = ("enabled", "automatic", "subject", "body", "template_name", "template_language", "file_name")


class PolicyError(ValueError):
    """Refused, with all that is wrong."""

    def __init__(self, found: Sequence[Problem]) -> None:
        super().__init__(" ".join(problem.text for problem in found))
        self.problems = tuple(found)


class PolicyChanged(Exception):
    """It isn't any more as the person saw it. Nothing was saved."""

    def __init__(
        self, now: PolicyValues, merged: PolicyValues, meanwhile: frozenset[str], both: frozenset[str]
    ) -> None:
        super().__init__("Alguien cambió la configuración mientras la mirabas.")
        self.now = now
        #: As it is now, with what this person changed.
        self.merged = merged
        #: What somebody else changed, and which of that this person changed too.
        self.meanwhile = meanwhile
        self.both = both


#: What a wish may wait for: another template may fit, or cost less.
_FREEING = frozenset({"enabled", "channels", "template_name", "template_language", "template_parameters"})


def values_of(policy: DeliveryPolicy) -> PolicyValues:
    return PolicyValues(
        **{name: getattr(policy, name) for name in _PLAIN},
        every_channel=policy.channels_mode == DeliveryPolicy.Channels.ALL,
        channels=tuple(policy.channels),
        classes=frozenset(policy.segment.values_list("pk", flat=True)) if policy.pk else frozenset(),
        unclassified=policy.segment_unclassified,
        template_parameters=tuple(policy.template_parameters),
        number=policy.number_id,
    )


def factory_values() -> PolicyValues:
    """What a new company gets: enabled, not automatic, every class, {{1}} = the voucher's title."""
    return replace(
        values_of(DeliveryPolicy()),
        channels=tuple(channel.value for channel in Channel),
        template_parameters=("{{comprobante}}",),
    )


def ensure_policies(company: Company) -> None:
    """A new company gets all seven kinds; one that has them keeps what it has."""
    have = set(DeliveryPolicy.objects.filter(company=company).values_list("kind", flat=True))
    DeliveryPolicy.objects.bulk_create(
        [unsaved(company, kind, factory_values()) for kind in VoucherKind if kind.value not in have],
        ignore_conflicts=True,
    )


def unsaved(company: Company, kind: VoucherKind, values: PolicyValues) -> DeliveryPolicy:
    """The policy that these values would make, for a preview."""
    policy = DeliveryPolicy(company=company, kind=kind.value)
    _write(policy, values)
    return policy


def fingerprints(values: PolicyValues) -> dict[str, str]:
    """Of each thing that a person sees and may change, by its name."""
    return {name: canonical_digest(_plain_value(getattr(values, name)))[:12] for name in PolicyValues.__slots__}


def _plain_value(value: object) -> object:
    return sorted(value) if isinstance(value, frozenset) else list(value) if isinstance(value, tuple) else value


def _require_unchanged(now: PolicyValues, values: PolicyValues, seen: Mapping[str, str]) -> None:
    """Raises PolicyChanged."""
    marks, wanted = fingerprints(now), fingerprints(values)
    meanwhile = frozenset(name for name in marks if seen.get(name) != marks[name])
    if not meanwhile:
        return
    own = {name for name in wanted if seen.get(name) != wanted[name]}
    merged = replace(now, **{name: getattr(values, name) for name in own})
    raise PolicyChanged(now, merged, meanwhile, frozenset(meanwhile & own))


@transaction.atomic
def change(
    *,
    company: Company,
    kind: VoucherKind,
    values: PolicyValues,
    actor: str,
    seen: Mapping[str, str] | None = None,
) -> frozenset[str]:
    """Answer the names of what is different now. Switching *automatic* on never sends what existed before.
    `seen`: the fingerprints of what the person had before them.

    Raises PolicyError, PolicyChanged.
    """
    found = [*problems(values, kind), *_foreign_classes(company, values), *_foreign_number(company, values)]
    if found:
        raise PolicyError(found)
    policy = DeliveryPolicy.objects.select_for_update().get(company=company, kind=kind.value)
    before = values_of(policy)
    if seen is not None:
        _require_unchanged(before, values, seen)
    changed = frozenset(name for name in PolicyValues.__slots__ if getattr(before, name) != getattr(values, name))
    if not changed:
        return changed
    _write(policy, values)
    if "automatic" in changed:
        policy.automatic_since = clock.now() if values.automatic else None
    policy.save()
    if "classes" in changed:
        policy.segment.set(values.classes)
    audit.record(
        company=company, actor=actor, event="policy.changed", target=kind.value,
        before=_told(before, changed), after=_told(values, changed),
    )  # fmt: skip
    if changed & _FREEING and values.enabled:
        # what wished to go and couldn't by what was configured
        consequences.check_mappings(company, now=clock.now())
        waits.look_later(company)
    return changed


def _told(values: PolicyValues, names: Iterable[str]) -> dict[str, Any]:
    """As the audit keeps it: whole texts, and by its name what may be gone when it is read."""
    told: dict[str, Any] = {name: _plain_value(getattr(values, name)) for name in sorted(names)}
    if "classes" in told:
        rows = CustomerClass.objects.filter(pk__in=values.classes).order_by("name")
        told["classes"] = list(rows.values_list("name", flat=True))
    if "number" in told:
        lane = Lane.objects.filter(pk=values.number).first() if values.number is not None else None
        told["number"] = lane.name if lane is not None else ""
    return told


def set_automatic(*, company: Company, kind: VoucherKind, active: bool, actor: str) -> None:
    """*Envío automático* alone."""
    policy = DeliveryPolicy.objects.get(company=company, kind=kind.value)
    change(company=company, kind=kind, values=replace(values_of(policy), automatic=active), actor=actor)


@transaction.atomic
def copy(*, company: Company, source: VoucherKind, target: VoucherKind, actor: str) -> frozenset[str]:
    """The message, its channels and its file's name; the segment too between kinds for customers. Whether the kind is
    enabled and automatic stays as it was, and the number that it leaves by. Raises PolicyError."""
    mine, theirs = (values_of(DeliveryPolicy.objects.get(company=company, kind=k.value)) for k in (target, source))
    given = replace(theirs, enabled=mine.enabled, automatic=mine.automatic, number=mine.number)
    if source.audience is not target.audience:
        given = replace(given, classes=mine.classes, unclassified=mine.unclassified)
    return change(company=company, kind=target, values=given, actor=actor)


def restore(*, company: Company, kind: VoucherKind, actor: str) -> frozenset[str]:
    """As a new company has it: that switches *automatic* off."""
    return change(company=company, kind=kind, values=factory_values(), actor=actor)


def _write(policy: DeliveryPolicy, values: PolicyValues) -> None:
    for name in _PLAIN:
        setattr(policy, name, getattr(values, name))
    policy.channels_mode = DeliveryPolicy.Channels.ALL if values.every_channel else DeliveryPolicy.Channels.FIRST
    policy.channels = list(values.channels)
    policy.segment_unclassified = values.unclassified
    policy.template_parameters = list(values.template_parameters)
    policy.number_id = values.number


def _foreign_classes(company: Company, values: PolicyValues) -> list[Problem]:
    ours = set(CustomerClass.objects.filter(company=company, pk__in=values.classes).values_list("pk", flat=True))
    return [] if ours == values.classes else [Problem("classes", "Esa clase ya no existe. Elegí entre las que hay.")]


def numbers_of(company: Company) -> list[Lane]:
    """The company's WhatsApp numbers, the default one first: those that a kind may leave by."""
    rows = Lane.objects.filter(company=company, channel=Channel.WHATSAPP, whatsapp_number__isnull=False)
    return list(rows.select_related("whatsapp_number").order_by("-is_default", "name", "id"))


def _foreign_number(company: Company, values: PolicyValues) -> list[Problem]:
    if values.number is None or values.number in {lane.pk for lane in numbers_of(company)}:
        return []
    return [Problem("number", "Ese número ya no está. Elegí entre los que hay.")]
