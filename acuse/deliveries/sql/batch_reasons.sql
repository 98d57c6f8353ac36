-- Why vouchers of a batch were refused: each reason with how many have it.
select code, count(*)
from deliveries_batchitem, unnest(reasons) code
where batch_id = %(batch)s and outcome = 'refused'
group by code
