"""What the grids of vouchers are sorted and filtered by; the party's name is kept by triggers (ADR 0013)."""

import acuse.companies.folding
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.comparison
from django.db import migrations, models


PARTY_NAME = """
create function vouchers_party_name() returns trigger language plpgsql as $$
declare
    found text;
begin
    -- shared: a renaming that isn't committed is waited for, and one that comes later finds this voucher
    select acuse_fold(name) into found from directory_party where id = new.party_id for share;
    new.party_name := coalesce(found, '');
    return new;
end
$$;

create trigger party_name_given before insert on vouchers_voucher
for each row execute function vouchers_party_name();

create trigger party_name_kept before update on vouchers_voucher
for each row when (new.party_id is distinct from old.party_id or new.party_name is distinct from old.party_name)
execute function vouchers_party_name();

create function vouchers_party_renamed() returns trigger language plpgsql as $$
begin
    update vouchers_voucher set party_name = acuse_fold(new.name) where party_id = new.id;
    return null;
end
$$;

create trigger party_renamed after update of name on directory_party
for each row when (old.name is distinct from new.name)
execute function vouchers_party_renamed();

update vouchers_voucher v set party_name = acuse_fold(p.name) from directory_party p where p.id = v.party_id;
"""

NO_PARTY_NAME = """
drop trigger party_renamed on directory_party;
drop trigger party_name_kept on vouchers_voucher;
drop trigger party_name_given on vouchers_voucher;
drop function vouchers_party_renamed();
drop function vouchers_party_name();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('companies', '0004_split_pages'),
        ('directory', '0004_words'),
        ('vouchers', '0003_drafts'),
    ]

    operations = [
        migrations.AddField(
            model_name='voucher',
            name='party_name',
            field=models.TextField(db_collation='C', default='', editable=False),
        ),
        migrations.RunSQL(PARTY_NAME, NO_PARTY_NAME),
        migrations.AlterField(
            model_name='voucher',
            name='company',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='vouchers', to='companies.company'),
        ),
        migrations.AlterField(
            model_name='voucher',
            name='party',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='vouchers', to='directory.party'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(models.F('company'), models.F('kind'), django.db.models.functions.comparison.Coalesce('point_of_sale', -1), django.db.models.functions.comparison.Coalesce('number', -1), models.F('id'), name='voucher_by_number'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(fields=['company', 'kind', 'party_name', 'id'], name='voucher_by_party_name'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(fields=['company', 'kind', 'total', 'id'], name='voucher_by_total'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(condition=models.Q(('number__isnull', False)), fields=['company', 'number'], name='voucher_number'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=django.contrib.postgres.indexes.GinIndex(acuse.companies.folding.Words('title'), condition=models.Q(('number__isnull', True)), name='voucher_words'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(condition=models.Q(('electronic', True), models.Q(('cae', ''), ('authorization__in', ['pending', 'rejected']), _connector='OR')), fields=['company', 'kind', '-issued_on', '-id'], name='voucher_unauthorized'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(condition=models.Q(('file__isnull', True)), fields=['company', 'kind', '-issued_on', '-id'], name='voucher_no_file'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(condition=models.Q(('voided_at__isnull', False)), fields=['company', 'kind', '-issued_on', '-id'], name='voucher_voided'),
        ),
        migrations.AddIndex(
            model_name='voucher',
            index=models.Index(condition=models.Q(('cae_due_on__isnull', False)), fields=['company', 'kind', 'cae_due_on'], name='voucher_by_cae_due'),
        ),
    ]
