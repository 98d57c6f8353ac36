"""The voucher's index with the company behind it (ADR 0018), made beside the writes."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("deliveries", "0015_kind_and_cause"),
        ("vouchers", "0006_by_type"),
    ]

    operations = [
        # one that was interrupted stays, and is no use
        migrations.RunSQL("drop index concurrently if exists delivery_of_voucher", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(fields=["voucher", "company"], name="delivery_of_voucher"),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="voucher",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="vouchers.voucher",
            ),
        ),
    ]
