-- The companies of which a worker is to look at what waits, in all of it or for one party: see `wishes.look`.
select company_id from deliveries_waitinglook
union
select company_id from deliveries_waitingpartylook
