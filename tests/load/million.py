"""A company with a million vouchers and three million deliveries, made inside PostgreSQL in a few minutes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.load import beside

VOUCHERS = 1_000_000
PARTIES = 50_000


@dataclass(frozen=True, slots=True)
class Office:
    """Ids of what there is before."""

    company: Any
    lane: int
    mailbox: int
    file: str
    batch: Any


_CLASSES = """
insert into directory_customerclass (company_id, name)
select %(company)s, name from unnest(array['Mayoristas', 'Minoristas', 'Distribuidores', 'Obras', 'Empleados']) as name
"""

_PARTIES = """
insert into directory_party (id, company_id, kind, name, tax_id, tax_id_type, external_id, customer_class_id,
                             created_at, updated_at)
select lpad(to_hex(n), 32, '0')::uuid, %(company)s, 'customer',
       (array['Almacén', 'Ferretería', 'Librería', 'Distribuidora', 'Panadería', 'Corralón', 'Estudio', 'Taller',
              'Farmacia', 'Kiosco', 'Cooperativa', 'Transporte'])[1 + n %% 12] || ' '
       || (array['Ñandú', 'del Sur', 'Norte', 'San Martín', 'Belgrano', 'La Esperanza', 'El Trébol', 'Güemes', 'Álamo',
                 'Andén', 'Pampa'])[1 + n / 12 %% 11] || ' ' || n || ' ' || (array['SRL', 'SA', ''])[1 + n %% 3],
       '30' || lpad(n::text, 9, '0'), 80, '',
       -- one class in a thousand is small
       (select min(id) from directory_customerclass where company_id = %(company)s)
           + case when n %% 1000 = 0 then 4 else n %% 4 end,
       now(), now()
from generate_series(1, %(parties)s) as n
"""

_CONTACTS = """
insert into directory_contact (id, company_id, party_id, name, mobile_typed, mobile, mobile_flags, mobile_problem,
                               email, email_problem, consent_origin, consent_note, suppressed_reason,
                               created_at, updated_at)
select lpad(to_hex(n), 32, '0')::uuid, %(company)s, lpad(to_hex(n), 32, '0')::uuid, 'Compras', '',
       '+54934' || (10000000 + n), '{}', '', '', '', '', '', '', now(), now()
from generate_series(1, %(parties)s) as n
where n %% 50 <> 0
"""

_VOUCHERS = """
insert into vouchers_voucher (id, company_id, party_id, party_name, kind, issuer, title, arca_type, letter,
                              point_of_sale, number, issued_on, currency, total, electronic, cae, cae_type, cae_due_on,
                              "authorization", observations, qr_contradictions, voided_at, version, file_id,
                              content_digest, source,
                              created_at, updated_at)
select lpad(to_hex(n), 32, '0')::uuid, %(company)s, p.id, acuse_fold(p.name), 'sales_invoice', '',
       case when n %% 25 = 0 then 'Nota de crédito A ' else 'Factura A ' end || lpad((1 + n %% 5)::text, 5, '0') || '-'
           || lpad((n / 5)::text, 8, '0'),
       case when n %% 25 = 0 then 3 else 1 end, 'A', 1 + n %% 5, n / 5,
       d.day, case when n %% 40 = 0 then 'DOL' else 'PES' end, (n * 7919) %% 90000000 / 100.0, true,
       case when n %% 500 < 2 then '' else '70417054367476' end, case when n %% 500 < 2 then '' else 'cae' end,
       case when n %% 500 < 2 then null else d.day + 10 end,
       case n %% 500 when 0 then 'pending' when 1 then 'rejected' else 'approved' end,
       '[]', '[]', case when n %% 100 = 7 then now() end, 1, case when n %% 300 <> 5 then %(file)s end, '', 'bench',
       d.day, d.day
from generate_series(1::bigint, %(vouchers)s) as n
join directory_party p on p.id = lpad(to_hex(1 + (n * 7919) %% %(parties)s), 32, '0')::uuid
cross join lateral (select current_date - 1090 + (n * 1090 / %(vouchers)s)::int as day) as d
order by n
"""

#: Nine of ten were asked, for three contacts or four. 45 % read, 30 % delivered, 20 % sent, the rest otherwise.
_DELIVERIES = """
insert into deliveries_delivery (id, company_id, voucher_id, version, kind, contact_id, channel, lane_id, account_key,
                                 template_key, "to", state, priority, origin, requested_by, due_at, batch_id, held,
                                 attempt, tries, provider_id, cause_code, cause_text, cause_next_step, content, file_id,
                                 file_name,
                                 sent_at, created_at, updated_at)
select lpad(to_hex(n * 4 + copy), 32, '0')::uuid, %(company)s, lpad(to_hex(n), 32, '0')::uuid, 1,
       'sales_invoice',
       null, r.channel, case when r.channel = 'email' then %(mailbox)s else %(lane)s end, 'account',
       'account/comprobantes/es_AR', '+54934' || (10000000 + n %% %(parties)s) || copy, r.state, 2,
       case when n %% 3 = 0 then 'automatic' else 'manual' end, 'user:ana@oeste.example', r.at,
       case when copy = 0 and n > %(vouchers)s * 0.9 then %(batch)s::uuid end, false, 1, 1,
       case when r.state in ('sent', 'delivered', 'read') then 'wamid.' || n || '.' || copy else '' end,
       case when r.state = 'failed' then 'whatsapp.131026' else '' end,
       case when r.state = 'failed' then 'El número no tiene WhatsApp. Puede que sea un fijo.' else '' end, '',
       '{"template": {"name": "comprobantes", "language": "es_AR", "parameters": [{"text": "Factura A 00003-0042"}]}}',
       %(file)s, 'Factura A 00003-00000042.pdf', r.at, r.at, r.at
from generate_series(1::bigint, %(vouchers)s) as n
cross join generate_series(0, 3) as copy
cross join lateral (
    select current_date - 1090 + n * 1090.0 / %(vouchers)s * interval '1 day' as at,
           case when (n * 13 + copy) %% 100 = 0 then 'email' else 'whatsapp' end as channel,
           case when copy > 0 and (n * 7 + copy) %% 100 < 94 then 'sent'
                when (n * 7) %% 100 < 45 then 'read' when (n * 7) %% 100 < 75 then 'delivered'
                when (n * 7) %% 100 < 93 then 'sent' when (n * 7) %% 100 < 97 then 'failed'
                when (n * 7) %% 1000 < 990 then 'cancelled' when n > %(vouchers)s * 0.99 then 'queued'
                else 'uncertain' end as state
) as r
where n %% 10 <> 0 and (copy < 3 or n %% 3 = 0)
order by n, copy
"""

#: The last tenth of the vouchers was sent together.
_ITEMS = """
insert into deliveries_batchitem (batch_id, voucher_id, outcome, reasons, going, asked)
select %(batch)s, lpad(to_hex(n), 32, '0')::uuid, case when n %% 10 <> 0 then 'goes' else 'refused' end,
       case when n %% 10 = 0 then '{no_contact}'::text[] else '{}' end,
       case when n %% 10 <> 0 then '{54}'::text[] else '{}' end, n %% 10 <> 0
from generate_series((%(vouchers)s * 0.9)::bigint + 1, %(vouchers)s) as n
"""

_REACH = """
insert into deliveries_reach (voucher_id, company_id, kind, issued_on, rank)
select v.id, v.company_id, v.kind, v.issued_on, coalesce(max(deliveries_rank(d.state)), -2)
from vouchers_voucher v
left join deliveries_delivery d on d.voucher_id = v.id
where v.company_id = %(company)s
group by v.id
"""

_TABLES = (
    "directory_party", "directory_contact", "vouchers_voucher", "deliveries_delivery", "deliveries_batchitem",
    "deliveries_reach", "companies_auditentry", "deliveries_inboundmessage",
)  # fmt: skip


def fill(office: Office, *, vouchers: int = VOUCHERS, parties: int = PARTIES) -> None:
    from django.db import connection

    given = {**asdict(office), "vouchers": vouchers, "parties": parties}
    with connection.cursor() as cursor, _bare(cursor):
        for statement in (_CLASSES, _PARTIES, _CONTACTS, _VOUCHERS, _DELIVERIES, _ITEMS, *beside.STATEMENTS, _REACH):
            cursor.execute(statement, given)


def settle() -> None:
    """As autovacuum leaves it, in its own time."""
    from django.db import connection

    with connection.cursor() as cursor:
        for table in _TABLES:
            cursor.execute(f"vacuum analyze {table}")


def count_days(company: Any) -> None:
    """As the worker does: what Inicio reads."""
    from acuse.deliveries.figures.counting import count_day
    from acuse.deliveries.figures.daily import DayCountMark
    from acuse.kernel import clock

    zone, now = ZoneInfo(company.time_zone), clock.now()
    today = now.astimezone(zone).date()
    for back in range(400):
        count_day(company.pk, zone, today - timedelta(days=back))
    DayCountMark.objects.update_or_create(id=1, defaults={"seen_at": now, "counted_at": now})


@contextmanager
def _bare(cursor: Any) -> Iterator[None]:
    """Without triggers, foreign keys and indexes, which are there again at the end: it takes a fifth of the time."""
    cursor.execute("set constraints all immediate")
    cursor.execute(
        "select indexname, indexdef from pg_indexes where tablename = any(%s) "
        "and not exists (select 1 from pg_constraint c where c.conname = indexname)",
        [list(_TABLES)],
    )
    indexes = cursor.fetchall()
    for name, _ in indexes:
        cursor.execute(f'drop index "{name}"')
    cursor.execute("set local session_replication_role = 'replica'")
    yield
    cursor.execute("set local session_replication_role = 'origin'")
    cursor.execute("set local maintenance_work_mem = '512MB'")
    for _, definition in indexes:
        cursor.execute(definition)
