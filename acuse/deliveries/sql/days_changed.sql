-- The days, in each company's time zone, of the deliveries to which something happened between two events.
select distinct d.company_id, c.time_zone, (d.created_at at time zone c.time_zone)::date
from deliveries_deliveryevent e
join deliveries_delivery d on d.id = e.delivery_id
join companies_company c on c.id = d.company_id
where e.id > %(after)s and e.id <= %(until)s
