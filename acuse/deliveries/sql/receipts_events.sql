-- The timeline of what receipts told; what was told before is kept once. One JSON parameter: as arrays, the client
-- would quote each of their texts apart.
insert into deliveries_deliveryevent (delivery_id, at, kind, dedupe_key, detail)
select r.delivery, r.at, r.kind, r.dedupe_key, r.detail
from json_to_recordset(%(events)s::json)
     as r (delivery uuid, at timestamptz, kind text, dedupe_key text, detail jsonb)
on conflict (delivery_id, dedupe_key) where dedupe_key <> '' do nothing
