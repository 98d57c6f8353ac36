"""What a company has beside its invoices: the other kinds of voucher, suppliers, answers, and what everybody did."""

from __future__ import annotations

#: As many of each, and one delivery a voucher.
_SUPPLIERS = """
insert into directory_party (id, company_id, kind, name, tax_id, tax_id_type, external_id, created_at, updated_at)
select ('50000000-0000-0000-0000-' || lpad(to_hex(n), 12, '0'))::uuid, %(company)s,
       case when n %% 100 = 0 then 'bank' else 'supplier' end, 'Proveedor ' || (n * 7919) %% 5000,
       '33' || lpad(n::text, 9, '0'), 80, 'P' || n, now(), now()
from generate_series(1, 5000) as n
"""

_SUPPLIERS_CONTACTS = """
insert into directory_contact (id, company_id, party_id, name, mobile_typed, mobile, mobile_flags, mobile_problem,
                               email, email_problem, consent_origin, consent_note, suppressed_reason,
                               created_at, updated_at)
select id, %(company)s, id, 'Ventas', '', '', '{}', '', 'ventas' || external_id || '@proveedor.example', '', '', '', '',
       now(), now()
from directory_party where id::text like '50000000-%%'
"""

_OTHER_KINDS = """
insert into vouchers_voucher (id, company_id, party_id, party_name, kind, issuer, title, letter, point_of_sale, number,
                              issued_on, currency, total, electronic, cae, cae_type, "authorization", observations,
                              qr_contradictions, voided_at, version, file_id, content_digest, source,
                              created_at, updated_at)
select ('70000000-0000-000' || k.place || '-0000-' || lpad(to_hex(n), 12, '0'))::uuid, %(company)s, p.id,
       acuse_fold(p.name), k.kind, '', k.heading || ' 00001-' || lpad(n::text, 8, '0'), '', 1, n,
       d.day, 'PES', (n * 7919) %% 9000000 / 100.0, false, '', '', '', '[]', '[]', case when n %% 50 = 7 then now() end,
       1, case when n %% 300 <> 5 then %(file)s end, '', 'bench', d.day, d.day
from unnest(array['receipt', 'quote', 'sales_order', 'purchase_order', 'payment_order', 'withholding_certificate'],
            array['Recibo', 'Presupuesto', 'Pedido', 'Orden de compra', 'Orden de pago', 'Comprobante de retención'])
     with ordinality as k (kind, heading, place)
cross join generate_series(1, 20000) as n
join directory_party p
  on p.id = case when k.place <= 3 then lpad(to_hex(n), 32, '0')::uuid
                 else ('50000000-0000-0000-0000-' || lpad(to_hex(1 + n %% 5000), 12, '0'))::uuid end
cross join lateral (select current_date - 1090 + (n * 1090 / 20000)::int as day) as d
order by n
"""

_THEIR_DELIVERIES = """
insert into deliveries_delivery (id, company_id, voucher_id, version, kind, channel, lane_id, account_key, template_key,
                                 "to", state, priority, origin, requested_by, due_at, held, attempt, tries, provider_id,
                                 cause_code, cause_text, cause_next_step, content, file_id, file_name,
                                 sent_at, delivered_at, read_at, created_at, updated_at)
select v.id, v.company_id, v.id, 1, v.kind, 'whatsapp', %(lane)s, 'account', 'account/comprobantes/es_AR',
       '+54934' || (20000000 + v.number), case when v.number %% 5 = 0 then 'sent' else 'read' end, 2, 'api',
       'key:bench', v.created_at, false, 1, 1, 'wamid.o' || v.id, '', '', '', '{}', %(file)s, 'Recibo.pdf',
       v.created_at, v.created_at + interval '20 s', v.created_at + interval '1 h', v.created_at, v.created_at
from vouchers_voucher v
where v.source = 'bench' and v.kind <> 'sales_invoice' and v.number %% 10 <> 0
"""

_ANSWERS = """
insert into deliveries_inboundmessage (company_id, lane_id, provider_id, sender, sender_user_id, sender_name, type,
                                       text, contact_id, delivery_id, at, received_at, raw, handled_at, handled_by,
                                       opted_out, to_forward)
select %(company)s, %(lane)s, 'in.' || n, '54934' || (10000000 + n %% 50000), '', 'Compras', 'text',
       (array['Gracias, recibido', 'Me falta la factura de mayo', 'Ok', 'BAJA'])[1 + n %% 4] || ' ' || n,
       c.id, lpad(to_hex(m.voucher * 4), 32, '0')::uuid, now() - (100000 - n) * interval '10 min',
       now(), '{}', case when n < 95000 then now() end, case when n < 95000 then 'user:ana@oeste.example' else '' end,
       n %% 4 = 3, false
from generate_series(1, 100000) as n
cross join lateral (select 1 + (n * 7) %% (%(vouchers)s - 1) as voucher) as v
cross join lateral (select case when v.voucher %% 10 = 0 then 1 else v.voucher end as voucher) as m
left join directory_contact c on c.id = lpad(to_hex(1 + n %% 50000), 32, '0')::uuid
"""

_AUDIT = """
insert into companies_auditentry (company_id, at, actor, event, target, detail)
select %(company)s, now() - (1000000 - n) * interval '95 s',
       (array['user:ana@oeste.example', 'key:bench', 'system', 'command:send'])[1 + n %% 4],
       (array['voucher.registered', 'voucher.edited', 'delivery.resent', 'party.changed', 'contact.changed',
              'sign_in.done'])[1 + n %% 6],
       case n %% 6 when 5 then 'ana@oeste.example'
            else lpad(to_hex(case when n %% 6 < 2 then 1 + n %% %(vouchers)s
                                  when n %% 6 = 2 then 4 * (1 + n %% %(vouchers)s)
                                  else 1 + n %% %(parties)s end), 32, '0')::uuid::text end,
       '{}'
from generate_series(1, 1000000) as n
"""

STATEMENTS = (_SUPPLIERS, _SUPPLIERS_CONTACTS, _OTHER_KINDS, _THEIR_DELIVERIES, _ANSWERS, _AUDIT)
