-- Suspend a lane, an account or a template; a suspension that is open already learns the newest cause and probe.
insert into deliveries_suspension
    (company_id, scope, key, cause_code, cause_text, cause_next_step, since, probe_at, ended_by)
values (%(company)s, %(scope)s, %(key)s, %(code)s, %(text)s, %(step)s, %(now)s, %(probe_at)s, '')
on conflict (scope, key) where ended_at is null
do update set cause_code = excluded.cause_code, cause_text = excluded.cause_text,
              cause_next_step = excluded.cause_next_step,
              probe_at = greatest(deliveries_suspension.probe_at, excluded.probe_at)
