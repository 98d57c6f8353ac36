-- Take the next due deliveries of a lane for one attempt: by hand before automatic before bulk.
-- Whoever holds the lane's advisory lock calls it. Templates in `held_templates` wait for their suspension, and
-- what its batch holds for the batch.
with due as (
    select id
    from deliveries_delivery
    where lane_id = %(lane)s
      and state = 'queued'
      and not held
      and due_at <= %(now)s
      and template_key <> all (%(held_templates)s::text[])
      and (%(only_template)s::text is null or template_key = %(only_template)s)
      and (%(only)s::uuid[] is null or id = any (%(only)s::uuid[]))
    order by priority, due_at, id
    limit %(limit)s
    for update skip locked
), claimed as (
    update deliveries_delivery d
    set state = 'sending', attempt = d.attempt + 1, claimed_at = %(now)s, started_at = null, updated_at = %(now)s
    from due
    where d.id = due.id
    returning d.*
)
select c.id, c.attempt, c.tries, c.first_tried_at, c."to", c.template_key, c.content, c.file_name,
       c.file_id as sha256, f.size, f.media_type, m.media_id,
       v.kind, v.voided_at is not null as voided, v.electronic, v."authorization", v.cae, v.cae_due_on, v.qr_contradictions,
       v.qr is not null as has_qr, coalesce(p.enabled, false) as kind_enabled,
       -- this address asked not to be written to, or another of who it is for
       exists (
           select from directory_optout o
           where o.company_id = c.company_id and o.lifted_at is null
             and o.address in (
                 lower(c."to" collate "C") collate "default", k.mobile, lower(k.email collate "C") collate "default"
             )
       ) as suppressed,
       v.version > c.version as replaced,
       -- the person stopped marketing, and the template is of marketing now
       coalesce(mc.id is not null and t.category = 'MARKETING', false) as marketing_refused,
       case when t.gone_at is null then t.components end as template_components,
       t.parameter_format as template_format
from claimed c
join vouchers_voucher v on v.id = c.voucher_id
join vouchers_storedfile f on f.sha256 = c.file_id
left join deliveries_deliverypolicy p on p.company_id = c.company_id and p.kind = v.kind
left join directory_contact k on k.id = c.contact_id
left join directory_marketingchoice mc
       on mc.company_id = c.company_id and mc.mobile = c."to" and mc.stopped
left join deliveries_mediaupload m
       on m.lane_id = c.lane_id and m.sha256 = c.file_id and m.uploaded_at > %(media_since)s
-- the template as the provider has it now
left join channels_whatsapptemplate t
       on t.account_id = nullif(split_part(c.template_key, '/', 1), '')::uuid
      and t.name = c.content #>> '{template,name}' and t.language = c.content #>> '{template,language}'
order by c.priority, c.due_at, c.id
