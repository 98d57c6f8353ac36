-- The companies whose waiting vouchers a worker is to look at: see `wishes.look`.
select company_id from deliveries_waitinglook
