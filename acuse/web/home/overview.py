"""The charts of Inicio, each with its sentence. Counted by day; see docs/adr/0014."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse

from acuse.companies.permissions.pages import Action, Page
from acuse.companies.scope import Actor
from acuse.deliveries.figures import statistics
from acuse.deliveries.figures.counting import LIMITS
from acuse.deliveries.figures.rates import Cost
from acuse.deliveries.figures.statistics import Counts, Measure, Times
from acuse.deliveries.selectors import kinds_with
from acuse.deliveries.states import LEFT, OPEN, State
from acuse.vouchers.kinds import VoucherKind
from acuse.web import formats
from acuse.web.charts import bars, groups
from acuse.web.charts.bars import DayChart, Row
from acuse.web.charts.words import many, number, share, span
from acuse.web.grids.periods import LAST_MONTH, THIS_MONTH, TODAY, span_of

#: Of the switch: in the address, on the button, and in a sentence.
PERIODS = ((TODAY, "Hoy", "hoy"), (THIS_MONTH, "Este mes", "este mes"), (LAST_MONTH, "Mes pasado", "el mes pasado"))
_DAYS = 30
_MONTHS = 12
_MONTH_NAMES = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre",
    "diciembre",
)  # fmt: skip
#: The bars of the times, each up to so many seconds; the last one has no end.
_SPANS = (10, 60, 5 * 60, 30 * 60, 2 * 3600, 12 * 3600, 86400)


@dataclass(frozen=True, slots=True)
class Choice:
    text: str
    url: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars with words, the sentence that they tell, and what nobody should conclude from them."""

    rows: tuple[Row, ...]
    sentence: str
    note: str = ""
    legend: tuple[groups.Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Overview:
    choices: list[Choice]
    funnel: Chart
    kinds: Chart | None
    days: DayChart | None
    days_sentence: str
    delivered: Chart | None
    read: Chart | None
    cost: Chart | None
    #: Rates are loaded, or there is nothing to price.
    priced: bool
    counted_at: datetime | None


def overview(actor: Actor, period: str, today: date) -> Overview:
    kinds = kinds_with(actor, Action.VIEW)
    period, words = next(((key, words) for key, _, words in PERIODS if key == period), (THIS_MONTH, "este mes"))
    since, until = span_of(period, today)
    first = min(since, today - timedelta(days=_DAYS - 1))
    known = statistics.counts(actor.company, kinds, first, max(until, today))
    shown = known.between(since, until)
    query = {"since": since.isoformat(), "until": until.isoformat()}
    times = [
        statistics.times(actor.company, kinds, since, until, measure)
        for measure in (Measure.TO_DELIVERED, Measure.TO_READ)
    ]
    cost, priced = _cost(actor, kinds, today)
    return Overview(
        choices=[Choice(text, f"?periodo={key}", key == period) for key, text, _ in PERIODS],
        funnel=_funnel(shown, query, words),
        kinds=_by_kind(shown, query) if len(shown.kinds()) > 1 else None,
        days=(days := _by_day(known, today)),
        days_sentence=_days_sentence(days),
        delivered=_times(times[0], "se entregó", "entregarse"),
        read=_times(times[1], "se leyó", "leerse"),
        cost=cost,
        priced=priced,
        counted_at=statistics.counted_at(),
    )


def deliveries_url(query: dict[str, str], states: Sequence[str] = (), **more: str) -> str:
    pairs = [*query.items(), *(("state", str(state)) for state in states), *more.items()]
    return f"{reverse('web:deliveries')}?{urlencode(pairs)}"


def _funnel(shown: Counts, query: dict[str, str], words: str) -> Chart:
    total, states = shown.total, shown.states
    steps = (
        ("Pedidos", "asked", tuple(State), ()),
        ("Enviados", "sent", tuple(sorted(LEFT)), tuple(sorted(LEFT))),
        ("Entregados", "delivered", (State.DELIVERED, State.READ), (State.DELIVERED, State.READ)),
        ("Leídos", "read", (State.READ,), (State.READ,)),
        ("Fallidos", "failed", (State.FAILED,), (State.FAILED,)),
    )
    rows = []
    for label, pattern, counted, asked in steps:
        count = sum(states[state] for state in counted)
        note = share(count, total) if label != "Pedidos" else ""
        parts = bars.one(pattern, label, count, total)
        rows.append(Row(label, number(count), parts, note, deliveries_url(query, asked)))
    return Chart(tuple(rows), _funnel_sentence(states, words), _MAIL_NOTE)


_MAIL_NOTE = "Un correo cuenta como enviado cuando el servidor lo acepta: no avisa si llegó ni si lo leyeron."


def _funnel_sentence(states: Counter[str], words: str) -> str:
    total = states.total()
    if not total:
        return f"No se pidió ningún envío {words}."
    left = sum(states[state] for state in LEFT)
    arrived = states[State.DELIVERED] + states[State.READ]
    told = [f"{words.capitalize()} se pidieron {number(total)}" if total > 1 else f"{words.capitalize()} se pidió 1"]
    told.append(f"{_verb(left, 'salió', 'salieron')}, {_verb(arrived, 'se entregó', 'se entregaron')}")
    told.append(_verb(states[State.READ], "se leyó", "se leyeron"))
    text = f"{told[0]}: {told[1]} y {told[2]}."
    waiting = sum(states[state] for state in OPEN)
    rest = [
        *([_verb(states[State.FAILED], "no se entregó", "no se entregaron")] if states[State.FAILED] else []),
        *([_verb(states[State.UNCERTAIN], "está sin confirmar", "están sin confirmar")]
          if states[State.UNCERTAIN] else []),
        *([_verb(waiting, "está en cola", "están en cola")] if waiting else []),
        *([_verb(states[State.CANCELLED], "se canceló", "se cancelaron")] if states[State.CANCELLED] else []),
    ]  # fmt: skip
    return f"{text} {_listed(rest)}." if rest else text


def _verb(count: int, one: str, more: str) -> str:
    return f"{number(count)} {one if count == 1 else more}"


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} y {parts[-1]}"


def _by_kind(shown: Counts, query: dict[str, str]) -> Chart:
    found = sorted(shown.kinds().items(), key=lambda pair: -pair[1].total())
    most = found[0][1].total()
    rows = tuple(
        Row(
            VoucherKind(kind).plural, number(states.total()), bars.stacked_row(states, most),
            url=deliveries_url(query, kind=kind),
        )
        for kind, states in found
    )  # fmt: skip
    name, states = VoucherKind(found[0][0]).plural, found[0][1]
    told = share(states.total(), shown.total)
    lead = (
        f"{name}: {number(states.total())} de {number(shown.total)}{f' ({told})' if told else ''}, lo que más se envía."
    )
    return Chart(rows, lead, legend=_legend(shown.states))


def _legend(states: Counter[str]) -> tuple[groups.Group, ...]:
    return tuple(group for group in groups.GROUPS if group.of(states))


def _by_day(known: Counts, today: date) -> DayChart | None:
    first = today - timedelta(days=_DAYS - 1)
    shown = known.between(first, today)
    if not shown.total:
        return None
    days = shown.days()
    chart = bars.by_day(
        [
            (day, days.get(day, Counter()), deliveries_url({"since": day.isoformat(), "until": day.isoformat()}))
            for day in (first + timedelta(days=place) for place in range(_DAYS))
        ]
    )
    return DayChart(chart.bars, chart.top, _legend(shown.states))


def _days_sentence(chart: DayChart | None) -> str:
    if chart is None:
        return ""
    total = sum(bar.total for bar in chart.bars)
    busiest = max(chart.bars, key=lambda bar: bar.total)
    asked = f"En los últimos {_DAYS} días se pidieron {many(total, 'envío', 'envíos')}"
    return f"{asked}. El día con más fue el {formats.day_and_month(busiest.day)}, con {number(busiest.total)}."


def _times(times: Times, verb: str, infinitive: str) -> Chart | None:
    if not times.total:
        return None
    rows, before = [], 0
    most = 0
    counted = []
    for limit in _SPANS:
        within = times.within(limit)
        counted.append((f"hasta {span(limit)}", within - before))
        before = within
    counted.append((f"más de {span(_SPANS[-1])}", times.total - before))
    most = max(count for _, count in counted)
    for label, count in counted:
        rows.append(Row(label, number(count), bars.one("time", label, count, most), share(count, times.total)))
    half = times.half_within
    within_half = f"en menos de {span(half)}" if half else f"en más de {span(LIMITS[-1])}"
    sentence = f"De {number(times.total)} que llegaron a {infinitive}, la mitad {verb} {within_half} desde que salió."
    return Chart(tuple(rows), sentence)


def _cost(actor: Actor, kinds: Sequence[VoucherKind], today: date) -> tuple[Chart | None, bool]:
    """The chart, and whether there are rates at all."""
    if not actor.may(Page.RATES, Action.VIEW):
        return None, True
    first = today.replace(day=1)
    for _ in range(_MONTHS - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    months = statistics.costs_by_month(actor.company, kinds, first, today)
    if not months:
        return None, False
    currencies = Counter({c: amount for cost in months.values() for c, amount in cost.amounts.items()})
    if not currencies:
        return None, True
    rows = tuple(row for currency in sorted(currencies) for row in _cost_rows(months, currency))
    return Chart(rows, _cost_sentence(months, today), _cost_note(months.values())), True


def _cost_rows(months: dict[date, Cost], currency: str) -> list[Row]:
    most = max(cost.amounts.get(currency, Decimal(0)) for cost in months.values())
    return [
        Row(
            f"{_MONTH_NAMES[month.month - 1]} {month.year}",
            formats.amount(amount, currency),
            bars.one("cost", "Costo", amount, most),
            many(cost.priced, "mensaje", "mensajes"),
        )
        for month, cost in months.items()
        if (amount := cost.amounts.get(currency, Decimal(0)))
    ]


def _cost_sentence(months: dict[date, Cost], today: date) -> str:
    now = months.get(today.replace(day=1))
    if now is None or not now.amounts:
        return "Este mes todavía no costó nada."
    amounts = " y ".join(formats.amount(amount, currency) for currency, amount in sorted(now.amounts.items()))
    return (
        f"Este mes van {amounts} por {many(now.priced, 'mensaje', 'mensajes')} de WhatsApp, según las tarifas cargadas."
    )


def _cost_note(costs: object) -> str:
    unpriced = sum(cost.unpriced for cost in costs)  # type: ignore[attr-defined]
    untold = sum(cost.untold for cost in costs)  # type: ignore[attr-defined]
    notes = []
    if unpriced:
        notes.append(f"{many(unpriced, 'mensaje no tiene tarifa', 'mensajes no tienen tarifa')} y no está en la suma.")
    if untold:
        notes.append(f"De {many(untold, 'mensaje', 'mensajes')} Meta todavía no dijo si los cobra.")
    return " ".join(notes)
