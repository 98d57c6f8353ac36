-- How far a batch is: its vouchers by outcome and by whether they were asked, its deliveries by state. What was asked
-- in the batch once more, in place of another of it, counts for that one.
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
where r.batch_id = %(batch)s
group by d.state
