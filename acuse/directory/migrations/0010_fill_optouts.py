"""Whoever was suppressed as a contact is so as an address: by the mobile, or by the mail where there is none."""

from django.db import migrations

FILL = """
insert into directory_optout
    (company_id, address, asked_at, reason, provider_id, noted_by, lifted_by, lifted_reason)
select distinct on (k.company_id, a.address)
       k.company_id, a.address, k.suppressed_at, k.suppressed_reason, '', 'system:migration', '', ''
from directory_contact k
cross join lateral (select coalesce(nullif(k.mobile, ''), lower(k.email collate "C")) as address) a
where k.suppressed_at is not null and a.address <> ''
order by k.company_id, a.address, k.suppressed_at
on conflict (company_id, address) where lifted_at is null do nothing
"""


class Migration(migrations.Migration):
    dependencies = [("directory", "0009_optouts")]
    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
