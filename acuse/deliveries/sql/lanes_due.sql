-- The lanes that have something to do: a due delivery that no suspension holds (or whose probe is due), or what a dead
-- runner left. What waits is looked at by account and template, of which there are few, each found after the one before
-- by the index: a million that a suspension holds cost what one does.
with recursive held as (
    select scope, key from deliveries_suspension where ended_at is null and probe_at > %(now)s
), pile (lane_id, account_key, template_key) as (
    select first.*
    from channels_lane l
    cross join lateral (
        select d.lane_id, d.account_key, d.template_key
        from deliveries_delivery d
        where d.lane_id = l.id and d.state = 'queued' and not d.held
        order by d.account_key, d.template_key
        limit 1
    ) first
    where l.is_active and (%(lane)s::int is null or l.id = %(lane)s)
    union all
    select next.*
    from pile p
    cross join lateral (
        select d.lane_id, d.account_key, d.template_key
        from deliveries_delivery d
        where d.lane_id = p.lane_id and d.state = 'queued' and not d.held
          and (d.account_key, d.template_key) > (p.account_key, p.template_key)
        order by d.account_key, d.template_key
        limit 1
    ) next
)
select l.id
from channels_lane l
where l.is_active
  and (exists (
        select 1
        from pile p
        where p.lane_id = l.id
          and not exists (
              select 1 from held h
              where (h.scope = 'lane' and h.key = l.id::text)
                 or (h.scope = 'account' and h.key = p.account_key)
                 or (h.scope = 'template' and h.key = p.template_key))
          and exists (
              select 1 from deliveries_delivery d
              where d.lane_id = p.lane_id and d.state = 'queued' and not d.held and d.account_key = p.account_key
                and d.template_key = p.template_key and d.due_at <= %(now)s))
    or exists (select 1 from deliveries_delivery d where d.lane_id = l.id and d.state = 'sending'))
  and (%(lane)s::int is null or l.id = %(lane)s)
