"""The voucher's index with the company behind it (ADR 0018), made beside the writes."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


def drop_the_index_before(apps, schema_editor):
    """The one of the voucher alone, by whatever name Django gave it."""
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select i.indexrelid::regclass::text from pg_index i
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
            where i.indrelid = 'deliveries_delivery'::regclass and i.indnatts = 1 and not i.indisunique
              and a.attname = 'voucher_id' and i.indpred is null
            """
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"drop index concurrently {name}")


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
        # Django would take the foreign key off and put it on again, and check every delivery with both tables shut
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop_the_index_before, migrations.RunPython.noop)],
            state_operations=[
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
            ],
        ),
    ]
