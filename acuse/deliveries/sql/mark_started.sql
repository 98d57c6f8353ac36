-- Group commit, before the messages leave: these attempts have started. An attempt that isn't answered has lost its
-- right to send (it was requeued, or claimed again): its number is no longer the row's.
update deliveries_delivery d
set started_at = %(now)s
from unnest(%(ids)s::uuid[], %(attempts)s::int[]) as r (id, attempt)
where d.id = r.id and d.attempt = r.attempt
returning d.id
