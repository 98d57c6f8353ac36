-- The provider wants this recipient to wait (131056): so do its other queued deliveries of the lane.
update deliveries_delivery
set due_at = %(due_at)s, updated_at = %(now)s
where lane_id = %(lane)s and state = 'queued' and "to" = %(to)s and due_at < %(due_at)s
