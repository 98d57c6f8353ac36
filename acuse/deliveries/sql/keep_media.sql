-- Remember uploads: one a (lane, file).
insert into deliveries_mediaupload (lane_id, sha256, media_id, uploaded_at)
select distinct on (r.sha256) %(lane)s, r.sha256, r.media_id, %(now)s::timestamptz
from unnest(%(sha256s)s::text[], %(media_ids)s::text[]) as r (sha256, media_id)
on conflict (lane_id, sha256) do update set media_id = excluded.media_id, uploaded_at = excluded.uploaded_at
