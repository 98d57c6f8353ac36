-- The provider can't use this upload any more.
delete from deliveries_mediaupload where lane_id = %(lane)s and sha256 = %(sha256)s and media_id = %(media_id)s
