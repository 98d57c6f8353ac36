"""A revoked key doesn't keep its role."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("companies", "0008_authors")]
    operations = [
        migrations.AlterField(
            "apikey",
            "role",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="api_keys",
                to="companies.role",
            ),
        ),
    ]
