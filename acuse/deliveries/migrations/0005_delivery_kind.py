import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("companies", "0004_split_pages"), ("deliveries", "0004_batches")]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="kind",
            field=models.CharField(default="", max_length=30),
            preserve_default=False,
        ),
        migrations.RunSQL(
            "update deliveries_delivery d set kind = v.kind from vouchers_voucher v where v.id = d.voucher_id",
            migrations.RunSQL.noop,
        ),
        migrations.RemoveIndex(model_name="delivery", name="delivery_by_state"),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["company", "state", "created_at", "id"], name="delivery_by_state"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["company", "kind", "created_at", "id"], name="delivery_by_kind"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("channel", "whatsapp"), ("state", "sent")),
                fields=["company", "created_at", "id"],
                name="delivery_undelivered",
            ),
        ),
    ]
