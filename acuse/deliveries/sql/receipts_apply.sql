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
from unnest(
    %(ids)s::uuid[], %(states)s::text[], %(provider_ids)s::text[], %(sent_ats)s::timestamptz[],
    %(delivered_ats)s::timestamptz[], %(read_ats)s::timestamptz[], %(failed_ats)s::timestamptz[], %(codes)s::text[],
    %(texts)s::text[], %(steps)s::text[], %(pricings)s::jsonb[]
) as r (id, state, provider_id, sent_at, delivered_at, read_at, failed_at, code, text, step, pricing)
where d.id = r.id
