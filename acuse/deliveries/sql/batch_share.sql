-- The batch as it stands, kept from changing its state until the transaction ends. Shared, so that whoever asks in its
-- name (a slice, a repetition, a new version) doesn't wait for another that does.
select state from deliveries_batch where id = %s for share
