-- The batches that a worker has something to do for: see `batches.work.advance`.
select b.id
from deliveries_batch b
where b.ended_at is null
  and case b.state
        when 'previewing' then true
        when 'running' then
             exists (select 1 from deliveries_batchitem i where i.batch_id = b.id and i.outcome = 'goes' and not i.asked)
          or (b.again and exists (select 1 from deliveries_batchitem i
                                  where i.batch_id = b.id and i.outcome = 'repeats' and not i.asked))
          or exists (select 1 from deliveries_delivery d
                     where d.batch_id = b.id and d.state in ('queued', 'sending') and d.held)
          or not exists (select 1 from deliveries_delivery d
                         where d.batch_id = b.id and d.state in ('queued', 'sending'))
        when 'paused' then
             exists (select 1 from deliveries_delivery d
                     where d.batch_id = b.id and d.state in ('queued', 'sending') and not d.held)
        when 'cancelled' then true
        else false
      end
