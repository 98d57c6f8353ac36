-- The lane's lock is ours, so every delivery left in `sending` is a dead runner's: what had not started is queued again,
-- what had is uncertain.
with orphan as (
    select id, started_at is not null as started
    from deliveries_delivery
    where lane_id = %(lane)s and state = 'sending'
    order by id
    for update
), settled as (
    update deliveries_delivery d
    set state = case when o.started then 'uncertain' else 'queued' end,
        attempt = case when o.started then d.attempt else d.attempt + 1 end,
        tries = case when o.started then d.tries + 1 else d.tries end,
        first_tried_at = case when o.started then coalesce(d.first_tried_at, %(now)s) else d.first_tried_at end,
        due_at = case when o.started then d.due_at else %(now)s end,
        cause_code = case when o.started then %(code)s else d.cause_code end,
        cause_text = case when o.started then %(text)s else d.cause_text end,
        cause_next_step = case when o.started then %(step)s else d.cause_next_step end,
        updated_at = %(now)s
    from orphan o
    where d.id = o.id
    returning d.id, o.started
)
insert into deliveries_deliveryevent (delivery_id, at, kind, dedupe_key, detail)
select id, %(now)s, 'uncertain', '', '{"cause": "runner_lost"}'::jsonb
from settled
where started
