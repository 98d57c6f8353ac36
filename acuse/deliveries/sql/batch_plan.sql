-- What the plan of each item of a slice says.
update deliveries_batchitem i
set outcome = r.outcome,
    reasons = string_to_array(r.reasons, ' '),
    warnings = string_to_array(r.warnings, ' '),
    going = string_to_array(r.going, ' '),
    repeats = string_to_array(r.repeats, ' '),
    spots = string_to_array(r.spots, E'\n')
from unnest(%(ids)s::bigint[], %(outcomes)s::text[], %(reasons)s::text[], %(warnings)s::text[], %(going)s::text[],
            %(repeats)s::text[], %(spots)s::text[]) as r (id, outcome, reasons, warnings, going, repeats, spots)
where i.id = r.id
