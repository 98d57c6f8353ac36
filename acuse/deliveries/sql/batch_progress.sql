-- How far a batch is: its vouchers by outcome and by whether they were asked, its deliveries by state. What the system
-- asked once more in place of one that failed counts for it.
select 'voucher', outcome, asked, count(*)
from deliveries_batchitem
where batch_id = %(batch)s
group by outcome, asked
union all
select 'delivery', state, held, count(*)
from deliveries_delivery
where batch_id = %(batch)s
group by state, held
union all
select 'replaced', d.state, false, count(*)
from deliveries_delivery r
join deliveries_delivery d on d.id = r.resend_of_id and d.batch_id = r.batch_id
where r.batch_id = %(batch)s and r.origin = 'system'
group by d.state
