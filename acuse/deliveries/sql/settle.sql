-- Group commit: what became of attempts. Fenced by the attempt's number alone: an equality on a column as volatile as
-- the state makes the planner, with statistics from when all were queued, expect one row and take a nested loop.
-- A receipt may have come first: a state further along stays, and what the provider answered is kept beside it.
with r as (
    select *
    from unnest(
        %(ids)s::uuid[], %(attempts)s::int[], %(states)s::text[], %(kinds)s::text[], %(counted)s::int[],
        %(due_ats)s::timestamptz[], %(provider_ids)s::text[], %(codes)s::text[], %(texts)s::text[], %(steps)s::text[],
        %(details)s::jsonb[]
    ) as r (id, attempt, state, kind, counted, due_at, provider_id, code, text, step, detail)
), locked as materialized (
    -- in the order in which receipts lock them, so that the two never wait for each other
    select d.id from deliveries_delivery d where d.id = any (%(ids)s::uuid[]) order by d.id for update
), settled as (
    update deliveries_delivery d
    set state = case when d.state in ('sending', 'uncertain') then r.state else d.state end,
        attempt = case when d.state = 'sending' and r.state = 'queued' then d.attempt + 1 else d.attempt end,
        due_at = case when d.state = 'sending' and r.state = 'queued' then r.due_at else d.due_at end,
        tries = d.tries + r.counted,
        -- the 24 hours of trying begin with the first try that counts, whether or not its message left; time spent
        -- suspended is not time spent trying
        first_tried_at = case when r.counted > 0 then coalesce(d.first_tried_at, %(now)s)
                              when r.kind = 'suspended' then null
                              else d.first_tried_at end,
        provider_id = case when r.provider_id <> '' then r.provider_id else d.provider_id end,
        cause_code = case when d.state in ('sending', 'uncertain') then r.code else d.cause_code end,
        cause_text = case when d.state in ('sending', 'uncertain') then r.text else d.cause_text end,
        cause_next_step = case when d.state in ('sending', 'uncertain') then r.step else d.cause_next_step end,
        sent_at = case when r.state = 'sent' then coalesce(d.sent_at, %(now)s) else d.sent_at end,
        failed_at = case when r.state = 'failed' then coalesce(d.failed_at, %(now)s) else d.failed_at end,
        updated_at = %(now)s
    from r
    join locked using (id)
    where d.id = r.id and d.attempt = r.attempt
    returning d.id
)
insert into deliveries_deliveryevent (delivery_id, at, kind, dedupe_key, detail)
select r.id, %(now)s, r.kind, 'attempt:' || r.attempt || ':' || r.kind, r.detail
from r
join settled using (id)
where r.kind <> ''
on conflict (delivery_id, dedupe_key) where dedupe_key <> '' do nothing
