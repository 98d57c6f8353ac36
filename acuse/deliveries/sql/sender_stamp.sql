-- What a lane's sender is made of: another stamp, another sender. Secrets count by what is stored of them, so that writing
-- the same one again makes another stamp too. With it, when the provider last told that the lane sends too fast.
select md5(concat_ws('|', l.is_active, l.throughput, n.phone_number_id, n.sandbox, a.access_token, m.url, m.from_address,
                     m.from_name)) as stamp,
       l.slowed_at
from channels_lane l
left join channels_whatsappnumber n on n.lane_id = l.id
left join channels_whatsappaccount a on a.id = n.account_id
left join channels_mailbox m on m.lane_id = l.id
where l.id = %(lane)s
