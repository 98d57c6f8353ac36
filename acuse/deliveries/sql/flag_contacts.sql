-- The address can't be reached: flag the contacts, stop nothing else.
update directory_contact c
set mobile_problem = case when d.channel = 'whatsapp' and c.mobile = d."to" then r.text else c.mobile_problem end,
    email_problem = case when d.channel = 'email' and c.email = d."to" then r.text else c.email_problem end
from unnest(%(ids)s::uuid[], %(texts)s::text[]) as r (id, text)
join deliveries_delivery d on d.id = r.id
where c.id = d.contact_id
