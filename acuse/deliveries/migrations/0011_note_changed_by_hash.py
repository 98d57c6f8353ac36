"""The transition tables of a large update are joined by a hash: a cached nested loop is quadratic in its rows."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("deliveries", "0010_by_asker_and_cause")]
    operations = [
        migrations.RunSQL(
            "alter function deliveries_note_changed() set enable_nestloop = off",
            "alter function deliveries_note_changed() reset enable_nestloop",
        )
    ]
