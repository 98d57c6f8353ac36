-- It works again.
update deliveries_suspension
set ended_at = %(now)s, ended_by = %(by)s
where id = %(id)s and ended_at is null
