"""The wide pages `parties`, `parameters` and `security` become one for each screen; what was granted stays granted."""

from django.db import migrations

_SPLIT = {
    "parties": ["customers", "suppliers", "banks", "customer_classes"],
    "parameters": ["parameters", "policies", "rates", "company"],
    "security": ["users", "roles", "api_keys", "audit"],
}


def split(apps, schema_editor):
    grants = apps.get_model("companies", "RoleGrant").objects
    for wide, pages in _SPLIT.items():
        held = list(grants.filter(page=wide))
        grants.bulk_create(
            [grants.model(role_id=grant.role_id, page=page, action=grant.action) for grant in held for page in pages],
            ignore_conflicts=True,
        )
        if wide not in pages:
            grants.filter(page=wide).delete()


class Migration(migrations.Migration):
    dependencies = [("companies", "0003_office")]
    operations = [migrations.RunPython(split, migrations.RunPython.noop)]
