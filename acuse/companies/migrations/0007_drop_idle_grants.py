"""*Envíos: Enviar comprobante* granted nothing: who may send a kind of voucher decides about its deliveries. And what
0004 copied to pages that have no such action. Left behind, a role would hold what nobody can give."""

from django.db import migrations

_TABLE = {"view", "create", "edit", "void", "export"}
_ACTIONS = {
    "customers": _TABLE,
    "suppliers": _TABLE,
    "banks": _TABLE,
    "customer_classes": {"view", "create", "edit", "void"},
    "deliveries": {"view", "edit", "export"},
    "parameters": {"view", "configure"},
    "policies": {"view", "configure"},
    "rates": {"view", "configure"},
    "company": {"view", "configure"},
    "users": {"view", "create", "edit", "void"},
    "roles": {"view", "create", "edit", "void"},
    "api_keys": {"view", "create", "void"},
    "audit": {"view", "export"},
}


def drop(apps, schema_editor):
    grants = apps.get_model("companies", "RoleGrant").objects
    for page, actions in _ACTIONS.items():
        grants.filter(page=page).exclude(action__in=actions).delete()


class Migration(migrations.Migration):
    dependencies = [("companies", "0006_invitations")]
    operations = [migrations.RunPython(drop, migrations.RunPython.noop)]
