-- Which deliveries have these ids of the provider's: for receipts that bring no id of ours.
select id, lane_id, provider_id
from deliveries_delivery
where provider_id = any (%(provider_ids)s::text[]) and provider_id <> ''
