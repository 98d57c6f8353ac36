-- What the items of a batch add up to, in one pass: vouchers by outcome, messages by market, reasons, and the warnings of
-- what goes (what goes again, where nothing is new). And what tells one preview from another: each voucher with each of
-- its messages.
with item as materialized (
    select voucher_id, outcome, going, repeats, reasons, warnings, spots from deliveries_batchitem where batch_id = %(batch)s
)
select 'vouchers', outcome, count(*) from item group by outcome
union all
select 'going', market, count(*) from item, unnest(going) market group by market
union all
select 'repeats', market, count(*) from item, unnest(repeats) market group by market
union all
select 'reasons', code, count(*) from item, unnest(reasons) code group by code
union all
select 'warnings', code, count(*) from item, unnest(warnings) code
where outcome = 'goes' or (outcome = 'repeats' and not exists (select from item where outcome = 'goes'))
group by code
union all
select 'digest', coalesce(sum(hashtextextended(concat_ws(' ', voucher_id, outcome, going, repeats, spots), 0)), 0)::text, 1
from item
