-- Who was written to by an account since a moment, and when last: what its limit of people a day counts.
select "to", max(sent_at) as at
from deliveries_delivery
where account_key = %(account)s and sent_at > %(since)s
group by "to"
