"""What waits for one party is looked at without all that waits in its company."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0011_used_challenges"),
        ("deliveries", "0018_fill_optouts"),
        ("directory", "0011_contact_by_mail"),
    ]

    operations = [
        migrations.CreateModel(
            name="WaitingPartyLook",
            fields=[
                (
                    "party",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="directory.party",
                    ),
                ),
                (
                    "company",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="companies.company"
                    ),
                ),
                ("asked_at", models.DateTimeField()),
            ],
            options={"verbose_name": "revisión de lo que espera un tercero"},
        ),
    ]
