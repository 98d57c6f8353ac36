-- One delivery may try what is suspended; one runner gets the right, the others wait for the next period.
update deliveries_suspension
set probe_at = %(next)s
where id = %(id)s and ended_at is null and probe_at <= %(now)s
returning id
