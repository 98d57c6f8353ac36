-- The deliveries that receipts speak of, as they stand, locked in the order of their ids.
select id, lane_id, company_id, contact_id, "to", state, provider_id, sent_at, delivered_at, read_at, failed_at
from deliveries_delivery
where id = any (%(ids)s::uuid[])
order by id
for update
