-- How often a provider told something that we don't apply, with the last example.
insert into deliveries_providercount (channel, key, count, last_at, last)
select %(channel)s, r.key, r.count, %(now)s::timestamptz, r.last
from unnest(%(keys)s::text[], %(counts)s::bigint[], %(lasts)s::jsonb[]) as r (key, count, last)
order by r.key
on conflict (channel, key) do update
set count = deliveries_providercount.count + excluded.count, last_at = excluded.last_at, last = excluded.last
