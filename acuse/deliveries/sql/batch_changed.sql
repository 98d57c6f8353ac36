-- What of a batch isn't what its preview showed: each of these warnings with how many vouchers have it.
select code, count(*)
from deliveries_batchitem, unnest(warnings) code
where batch_id = %(batch)s and outcome <> 'refused' and code = any(%(codes)s)
group by code
