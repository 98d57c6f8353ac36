-- What receipts made of deliveries that receipts_lock.sql holds. No equality on a volatile column in the join: the
-- planner, with statistics from when all were queued, would take a nested loop.
update deliveries_delivery d
set state = r.state,
    provider_id = r.provider_id,
    sent_at = r.sent_at,
    delivered_at = r.delivered_at,
    read_at = r.read_at,
    failed_at = r.failed_at,
    cause_code = coalesce(r.code, d.cause_code),
    cause_text = coalesce(r.text, d.cause_text),
    cause_next_step = coalesce(r.step, d.cause_next_step),
    pricing = case when r.pricing is null then d.pricing else coalesce(d.pricing, '{}'::jsonb) || r.pricing end,
    updated_at = %(now)s
from json_to_recordset(%(standings)s::json)
     as r (id uuid, state text, provider_id text, sent_at timestamptz, delivered_at timestamptz, read_at timestamptz,
           failed_at timestamptz, code text, text text, step text, pricing jsonb)
where d.id = r.id
