"""Who wrote BAJA when nobody had the number as a contact, or whose contact was changed since, is remembered too."""

from django.db import migrations

# Lifted since: somebody wrote so of the contact that it was kept with, or of one that has the number now.
FILL = """
insert into directory_optout
    (company_id, address, asked_at, reason, provider_id, noted_by, lifted_by, lifted_reason)
select distinct on (m.company_id, a.address)
       m.company_id, a.address, m.at, left('Pidió la baja por WhatsApp: «' || left(m.text, 80) || '»', 200),
       m.provider_id, 'system:migration', '', ''
from deliveries_inboundmessage m
cross join lateral (
    select case when m.sender <> '' then '+' || m.sender when m.contact_id is null then m.sender_user_id else '' end
           as address
) a
where m.opted_out
  and a.address <> ''
  and not exists (
      select from companies_auditentry e
      join directory_contact k on k.company_id = m.company_id and e.target = k.id::text
      where e.company_id = m.company_id and e.event = 'contact.restored' and e.at >= m.received_at
        and (k.id = m.contact_id or k.mobile = a.address)
  )
order by m.company_id, a.address, m.at
on conflict (company_id, address) where lifted_at is null do nothing
"""


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0017_confirmed_as_shown"), ("directory", "0010_fill_optouts")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
