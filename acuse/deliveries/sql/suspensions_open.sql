-- The open suspensions that touch a lane: its own, its account's, its account's templates'.
select id, scope, key, since, probe_at
from deliveries_suspension
where ended_at is null
  and ((scope = 'lane' and key = %(lane)s) or (scope = 'account' and key = %(account)s)
       or (scope = 'template' and starts_with(key, %(account)s || '/')))
