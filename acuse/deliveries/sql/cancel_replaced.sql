-- The first one arrived after all: what the system asked in its place, and hasn't left, is not sent.
with replaced as (
    update deliveries_delivery d
    set state = 'cancelled', cause_code = %(code)s, cause_text = %(text)s, cause_next_step = '', updated_at = %(now)s
    where d.resend_of_id = any (%(ids)s::uuid[]) and d.origin = 'system' and d.state = 'queued'
    returning d.id
)
insert into deliveries_deliveryevent (delivery_id, at, kind, dedupe_key, detail)
select id, %(now)s, 'cancelled', '', jsonb_build_object('cause', %(code)s::text, 'text', %(text)s::text, 'by', 'system')
from replaced
