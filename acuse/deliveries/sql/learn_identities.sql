-- Other names under which the provider knows contacts; only while the contact still has the address that was written to.
insert into directory_contactidentity (contact_id, kind, value, seen_at)
select distinct r.contact_id, r.kind, r.value, %(now)s::timestamptz
from unnest(%(contact_ids)s::uuid[], %(addresses)s::text[], %(kinds)s::text[], %(values)s::text[])
     as r (contact_id, address, kind, value)
join directory_contact c on c.id = r.contact_id and c.mobile = r.address
on conflict (contact_id, kind, value) do update set seen_at = excluded.seen_at
where directory_contactidentity.seen_at < excluded.seen_at - interval '1 day'
