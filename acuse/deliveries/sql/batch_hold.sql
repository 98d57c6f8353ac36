-- Hold, or let go, the next of a batch's deliveries: also what is being sent, in case it comes back to the queue.
-- Locked in the order in which results and receipts lock them.
update deliveries_delivery d
set held = %(held)s
from (
    select id from deliveries_delivery
    where batch_id = %(batch)s and state in ('queued', 'sending') and held = %(was)s
    order by id
    limit %(limit)s
    for update
) s
where d.id = s.id
