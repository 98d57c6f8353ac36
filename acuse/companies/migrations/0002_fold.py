"""`acuse_fold(text)`: lower case without accents, immutable, for searching and sorting. No extension, no ICU needed."""

from django.db import migrations

FORWARD = r"""
create function acuse_fold(value text) returns text
language sql immutable strict parallel safe
as $$ select lower(regexp_replace(normalize(value, NFD), '[\u0300-\u036f]', '', 'g')) $$
"""


class Migration(migrations.Migration):
    dependencies = [("companies", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, "drop function acuse_fold(text)")]
