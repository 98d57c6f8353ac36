-- The lanes that have something to do: a due delivery that no suspension holds (or whose probe is due), or what a dead
-- runner left.
with held as (
    select scope, key from deliveries_suspension where ended_at is null and probe_at > %(now)s
)
select l.id
from channels_lane l
where l.is_active
  and (exists (
        select 1
        from deliveries_delivery d
        where d.lane_id = l.id and d.state = 'queued' and not d.held and d.due_at <= %(now)s
          and not exists (
              select 1 from held h
              where (h.scope = 'lane' and h.key = l.id::text)
                 or (h.scope = 'account' and h.key = d.account_key)
                 or (h.scope = 'template' and h.key = d.template_key)))
    or exists (select 1 from deliveries_delivery d where d.lane_id = l.id and d.state = 'sending'))
  and (%(lane)s::int is null or l.id = %(lane)s)
