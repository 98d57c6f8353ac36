"""How far each voucher has got, kept by triggers (ADR 0013).

Every statement that changes deliveries notes the vouchers that it touched; at the transaction's end they are looked at
again, in the order of their ids: so it can neither drift nor make two transactions wait for each other.
"""

import django.db.models.deletion
from django.db import migrations, models

FORWARD = """
create function deliveries_rank(state text) returns smallint language sql immutable strict parallel safe as $$
    select (case state when 'cancelled' then -1 when 'queued' then 0 when 'sending' then 0 when 'uncertain' then 2
                       when 'sent' then 3 when 'failed' then 4 when 'delivered' then 5 when 'read' then 6 end)::smallint
$$;

-- Only ever holds what its own transaction is about to settle: nothing to keep through a crash.
create unlogged table deliveries_touched (vouchers uuid[] not null);

create function deliveries_settle_reach() returns trigger language plpgsql as $$
declare
    touched uuid[];
begin
    -- the first of the transaction's notes does the work of all; other transactions' aren't seen
    with gone as (delete from deliveries_touched returning vouchers)
    select array_agg(distinct v order by v) into touched from gone, unnest(gone.vouchers) as v;
    if touched is null then
        return null;
    end if;
    -- one after another where several change the same voucher: the next statement then sees what the one before wrote
    perform 1 from deliveries_reach where voucher_id = any (touched) order by voucher_id for no key update;
    update deliveries_reach r
    set company_id = n.company_id, kind = n.kind, issued_on = n.issued_on, rank = n.rank
    from (
        select v.id, v.company_id, v.kind, v.issued_on, coalesce(max(deliveries_rank(d.state)), -2) as rank
        from vouchers_voucher v
        left join deliveries_delivery d
               on d.voucher_id = v.id and d.version = v.version
              and not exists (select 1 from deliveries_delivery again where again.resend_of_id = d.id)
        where v.id = any (touched)
        group by v.id
    ) n
    where r.voucher_id = n.id
      and (r.company_id, r.kind, r.issued_on, r.rank) is distinct from (n.company_id, n.kind, n.issued_on, n.rank);
    return null;
end
$$;

create constraint trigger reach_settled after insert on deliveries_touched
deferrable initially deferred for each row execute function deliveries_settle_reach();

create function deliveries_note_new() returns trigger language plpgsql as $$
begin
    insert into deliveries_touched
    select array_agg(distinct voucher_id) from changed having count(*) > 0;
    return null;
end
$$;

create function deliveries_note_changed() returns trigger language plpgsql as $$
begin
    insert into deliveries_touched
    select array_agg(distinct v)
    from before b
    join changed c using (id)
    cross join lateral unnest(array[b.voucher_id, c.voucher_id]) as v
    where deliveries_rank(b.state) <> deliveries_rank(c.state)
       or (b.voucher_id, b.version, b.resend_of_id) is distinct from (c.voucher_id, c.version, c.resend_of_id)
    having count(*) > 0;
    return null;
end
$$;

create trigger reach_of_new after insert on deliveries_delivery
referencing new table as changed for each statement execute function deliveries_note_new();

create trigger reach_of_changed after update on deliveries_delivery
referencing old table as before new table as changed for each statement execute function deliveries_note_changed();

create trigger reach_of_deleted after delete on deliveries_delivery
referencing old table as changed for each statement execute function deliveries_note_new();

create function deliveries_voucher_new() returns trigger language plpgsql as $$
begin
    insert into deliveries_reach (voucher_id, company_id, kind, issued_on, rank)
    select id, company_id, kind, issued_on, -2 from made;
    return null;
end
$$;

create trigger reach_made after insert on vouchers_voucher
referencing new table as made for each statement execute function deliveries_voucher_new();

create function deliveries_voucher_changed() returns trigger language plpgsql as $$
begin
    insert into deliveries_touched values (array[new.id]);
    return null;
end
$$;

create trigger reach_of_voucher after update on vouchers_voucher
for each row when ((old.version, old.kind, old.issued_on, old.company_id)
                   is distinct from (new.version, new.kind, new.issued_on, new.company_id))
execute function deliveries_voucher_changed();

insert into deliveries_reach (voucher_id, company_id, kind, issued_on, rank)
select v.id, v.company_id, v.kind, v.issued_on, coalesce(max(deliveries_rank(d.state)), -2)
from vouchers_voucher v
left join deliveries_delivery d
       on d.voucher_id = v.id and d.version = v.version
      and not exists (select 1 from deliveries_delivery again where again.resend_of_id = d.id)
group by v.id;
"""

BACKWARD = """
drop trigger reach_of_voucher on vouchers_voucher;
drop trigger reach_made on vouchers_voucher;
drop trigger reach_of_deleted on deliveries_delivery;
drop trigger reach_of_changed on deliveries_delivery;
drop trigger reach_of_new on deliveries_delivery;
drop table deliveries_touched;
drop function deliveries_voucher_changed();
drop function deliveries_voucher_new();
drop function deliveries_note_changed();
drop function deliveries_note_new();
drop function deliveries_settle_reach();
drop function deliveries_rank(text);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("companies", "0004_split_pages"),
        ("deliveries", "0006_day_count_tables"),
        ("vouchers", "0004_grids"),
    ]

    operations = [
        migrations.CreateModel(
            name="Reach",
            fields=[
                (
                    "voucher",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="reach",
                        serialize=False, to="vouchers.voucher",
                    ),
                ),
                ("kind", models.CharField(max_length=30)),
                ("issued_on", models.DateField()),
                ("rank", models.SmallIntegerField()),
                (
                    "company",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="+",
                        to="companies.company",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RunSQL("set constraints all immediate; set constraints all deferred", migrations.RunSQL.noop),
        migrations.AddIndex(
            model_name="reach",
            index=models.Index(fields=["company", "kind", "rank", "issued_on", "voucher"], name="reach_grid"),
        ),
    ]
