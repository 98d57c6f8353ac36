"""Who made an API key, as the audit tells it; and which invitations came from *Instalación*."""

from django.db import migrations, models

_KEYS = """
update companies_apikey k
set made_by = (
    select a.actor from companies_auditentry a
    where a.company_id = k.company_id and a.event = 'api_key.made'
      and a.target = left(k.name, 200) and a.detail ->> 'prefix' = k.prefix
    order by a.id limit 1
)
where exists (
    select from companies_auditentry a
    where a.company_id = k.company_id and a.event = 'api_key.made'
      and a.target = left(k.name, 200) and a.detail ->> 'prefix' = k.prefix
)
"""

#: Of who administers the installation and works in no role there: nobody else can have invited.
_INVITATIONS = """
update companies_invitation i
set by_installation = true
from companies_user u
where i.invited_by = 'user:' || u.email and u.is_installation_admin
  and i.accepted_at is null and i.refused_at is null and i.cancelled_at is null
  and not exists (
      select from companies_membership m where m.user_id = u.id and m.company_id = i.company_id and m.is_active
  )
"""


class Migration(migrations.Migration):
    dependencies = [("companies", "0007_drop_idle_grants")]
    operations = [
        migrations.AddField(
            "apikey", "made_by", models.CharField(blank=True, default="", max_length=300), preserve_default=False
        ),
        migrations.AddField("invitation", "by_installation", models.BooleanField(default=False)),
        migrations.RunSQL(_KEYS, migrations.RunSQL.noop),
        migrations.RunSQL(_INVITATIONS, migrations.RunSQL.noop),
        # what was written waits with its checks for the end of the transaction, and a table with such rows can't change
        migrations.RunSQL("set constraints all immediate", migrations.RunSQL.noop),
    ]
