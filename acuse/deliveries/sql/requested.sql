-- Which of these deliveries were just made, with the first line of their timelines, and one in those that they repeat.
with made as materialized (
    select id, created_at, requested_by, origin, resend_of_id
    from deliveries_delivery
    where id = any (%(ids)s::uuid[])
), requested as (
    insert into deliveries_deliveryevent (delivery_id, at, kind, dedupe_key, detail)
    select id, created_at, 'requested', '', jsonb_build_object('by', requested_by, 'origin', origin)
    from made
), resent as (
    insert into deliveries_deliveryevent (delivery_id, at, kind, dedupe_key, detail)
    select resend_of_id, created_at, 'resent', '', jsonb_build_object('as', id, 'by', requested_by)
    from made
    where resend_of_id is not null
)
select id from made
