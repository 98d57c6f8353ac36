-- Other names under which the provider knows contacts; only while the contact still has the address that was written to.
-- Who asked not to be written to under such a name, asked so for that mobile.
with learnt as (
    insert into directory_contactidentity (contact_id, kind, value, seen_at)
    select distinct r.contact_id, r.kind, r.value, %(now)s::timestamptz
    from unnest(%(contact_ids)s::uuid[], %(addresses)s::text[], %(kinds)s::text[], %(values)s::text[])
         as r (contact_id, address, kind, value)
    join directory_contact c on c.id = r.contact_id and c.mobile = r.address
    on conflict (contact_id, kind, value) do update set seen_at = excluded.seen_at
    where directory_contactidentity.seen_at < excluded.seen_at - interval '1 day'
    returning contact_id, kind, value
)
insert into directory_optout
    (company_id, address, asked_at, reason, provider_id, noted_by, lifted_by, lifted_reason)
select c.company_id, c.mobile, o.asked_at, o.reason, o.provider_id, o.noted_by, '', ''
from learnt
join directory_contact c on c.id = learnt.contact_id
join directory_optout o on o.company_id = c.company_id and o.address = learnt.value and o.lifted_at is null
where learnt.kind = 'bsuid' and c.mobile <> ''
on conflict (company_id, address) where lifted_at is null do nothing
