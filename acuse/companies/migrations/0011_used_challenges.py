"""The challenges of passkeys that were answered, where every process sees them."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("companies", "0010_user_sessions")]
    operations = [
        migrations.CreateModel(
            "UsedChallenge",
            [
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("used_at", models.DateTimeField()),
            ],
        ),
    ]
