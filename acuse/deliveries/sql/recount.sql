-- Count one day of a company again: the deliveries that were asked on it, as they are now. What hasn't changed stays.
with asked as materialized (
    select kind, channel, state, sent_at, delivered_at, read_at, pricing, "to"
    from deliveries_delivery
    where company_id = %(company)s and created_at >= %(since)s and created_at < %(until)s
), counted as materialized (
    select 'state' as measure, kind, channel, state as bucket, count(*) as count
    from asked
    group by kind, channel, state
    union all
    select 'delivered', kind, channel,
           width_bucket(extract(epoch from delivered_at - sent_at)::float8, %(limits)s::float8[])::text, count(*)
    from asked
    where sent_at is not null and delivered_at is not null
    group by 2, 3, 4
    union all
    select 'read', kind, channel,
           width_bucket(extract(epoch from read_at - sent_at)::float8, %(limits)s::float8[])::text, count(*)
    from asked
    where sent_at is not null and read_at is not null
    group by 2, 3, 4
    union all
    select 'billed', kind, channel,
           case when channel = 'whatsapp' then substr("to", 2, 4) else '' end || ':'
           || left(replace(coalesce(pricing ->> 'category', ''), ':', ''), 40) || ':'
           -- as rates.py: only what Meta calls regular is billed
           || case when coalesce(pricing ->> 'type', '') <> '' then (pricing ->> 'type' = 'regular')::text
                   when pricing ->> 'billable' in ('true', 'false') then pricing ->> 'billable' else '' end,
           count(*)
    from asked
    where sent_at is not null
    group by 2, 3, 4
), gone as (
    delete from deliveries_daycount c
    where c.company_id = %(company)s and c.day = %(day)s
      and not exists (
          select 1 from counted n
          where n.measure = c.measure and n.kind = c.kind and n.channel = c.channel and n.bucket = c.bucket
      )
)
insert into deliveries_daycount as c (company_id, day, kind, channel, measure, bucket, count)
select %(company)s, %(day)s, kind, channel, measure, bucket, count
from counted
on conflict (company_id, day, measure, kind, channel, bucket) do update
set count = excluded.count
where c.count <> excluded.count
