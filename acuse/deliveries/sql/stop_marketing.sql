-- A message was refused because its person wants no marketing: noted of the number, unless that or something newer is.
with told as (
    select distinct d.company_id, d."to" as mobile
    from deliveries_delivery d
    where d.id = any(%(ids)s::uuid[]) and d.channel = 'whatsapp' and d."to" <> ''
),
kept as (
    insert into directory_marketingchoice as m (company_id, mobile, stopped, told_at, origin)
    select company_id, mobile, true, %(at)s, 'refused' from told
    on conflict (company_id, mobile) do update
    set stopped = true, told_at = excluded.told_at, origin = excluded.origin
    where not m.stopped and m.told_at <= excluded.told_at
    returning company_id, mobile
)
insert into companies_auditentry (company_id, at, actor, event, target, detail)
select k.company_id, now(), 'system:refusal', 'contact.marketing_stopped', c.id::text, '{}'::jsonb
from kept k
join directory_contact c on c.company_id = k.company_id and c.mobile = k.mobile
