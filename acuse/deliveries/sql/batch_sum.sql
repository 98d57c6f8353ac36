-- What the items of a batch add up to, in one pass: vouchers by outcome, messages by market, reasons and warnings.
with item as materialized (
    select outcome, going, repeats, reasons, warnings from deliveries_batchitem where batch_id = %(batch)s
)
select 'vouchers', outcome, count(*) from item group by outcome
union all
select 'going', market, count(*) from item, unnest(going) market group by market
union all
select 'repeats', market, count(*) from item, unnest(repeats) market group by market
union all
select 'reasons', code, count(*) from item, unnest(reasons) code group by code
union all
select 'warnings', code, count(*) from item, unnest(warnings) code group by code
