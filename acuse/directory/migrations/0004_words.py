"""`acuse_words(text)`: the folded words of a text, immutable, for searching by an index. No extension needed."""

import django.contrib.postgres.indexes
from django.db import migrations, models

import acuse.companies.folding

FORWARD = r"""
create function acuse_words(value text) returns tsvector
language sql immutable strict parallel safe
as $$
    -- acuse_fold written out: an index is built without our schema in the search path
    select to_tsvector('simple'::regconfig, regexp_replace(
        lower(regexp_replace(normalize(value, NFD), '[\u0300-\u036f]', '', 'g')), '[^a-z0-9]+', ' ', 'g'))
$$
"""


class Migration(migrations.Migration):
    dependencies = [("companies", "0004_split_pages"), ("directory", "0003_folded_names")]
    operations = [
        migrations.RunSQL(FORWARD, "drop function acuse_words(text)"),
        migrations.AddIndex(
            model_name="party",
            index=django.contrib.postgres.indexes.GinIndex(acuse.companies.folding.Words("name"), name="party_words"),
        ),
        migrations.AddIndex(
            model_name="party",
            index=models.Index(
                models.F("company"),
                django.contrib.postgres.indexes.OpClass("tax_id", "varchar_pattern_ops"),
                name="party_by_tax_id",
            ),
        ),
    ]
