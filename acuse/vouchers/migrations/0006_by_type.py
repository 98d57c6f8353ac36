"""What a voucher is called is searched by its type (ADR 0018). Made beside the writes."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("vouchers", "0005_authorization_statistics")]

    operations = [
        # one that was interrupted stays, and is no use
        migrations.RunSQL("drop index concurrently if exists voucher_by_type", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="voucher",
            index=models.Index(fields=["company", "kind", "arca_type"], name="voucher_by_type"),
        ),
    ]
