-- The timeline of what receipts told; what was told before is kept once.
insert into deliveries_deliveryevent (delivery_id, at, kind, dedupe_key, detail)
select r.delivery_id, r.at, r.kind, r.dedupe_key, r.detail
from unnest(
    %(delivery_ids)s::uuid[], %(ats)s::timestamptz[], %(kinds)s::text[], %(dedupe_keys)s::text[], %(details)s::jsonb[]
) as r (delivery_id, at, kind, dedupe_key, detail)
on conflict (delivery_id, dedupe_key) where dedupe_key <> '' do nothing
