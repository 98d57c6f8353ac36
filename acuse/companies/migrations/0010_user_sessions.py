"""Sessions with their user in a column. Those that are open go on: they are read once more, for the last time."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import migrations, models
from django.utils import timezone


def move(apps, schema_editor):
    old, new = apps.get_model("sessions", "Session"), apps.get_model("companies", "UserSession")
    known = set(apps.get_model("companies", "User").objects.values_list("pk", flat=True))
    reader, rows = SessionStore(), []
    for row in old.objects.filter(expire_date__gt=timezone.now()).iterator():
        user = reader.decode(row.session_data).get(SESSION_KEY)
        # those of strangers held a challenge at most
        if user is not None:
            rows.append(
                new(session_key=row.session_key, session_data=row.session_data, expire_date=row.expire_date, user_id=user)
            )
    new.objects.bulk_create([row for row in rows if new._meta.get_field("user").to_python(row.user_id) in known])
    old.objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [("companies", "0009_keys_without_role"), ("sessions", "0001_initial")]
    operations = [
        migrations.CreateModel(
            name="UserSession",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={"verbose_name": "session", "verbose_name_plural": "sessions", "abstract": False},
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
    ]
