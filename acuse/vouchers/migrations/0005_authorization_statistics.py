"""What PostgreSQL can't guess: that almost all that is electronic has its CAE. It plans the grids' filters by it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("vouchers", "0004_grids")]
    operations = [
        migrations.RunSQL(
            [
                'create statistics voucher_authorization (mcv) on electronic, cae, "authorization" from vouchers_voucher',
                "analyze vouchers_voucher",
            ],
            "drop statistics voucher_authorization",
        )
    ]
