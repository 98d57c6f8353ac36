"""An invitation is to an address with roles, not to a user that it made; the ready roles; the audit's filters."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models
from django.db.models import F

from acuse.companies.permissions.pages import READY_ROLES


def keep_invitations(apps, schema_editor):
    Membership = apps.get_model("companies", "Membership")
    for invitation in apps.get_model("companies", "Invitation").objects.select_related("user"):
        invitation.email = invitation.user.email
        invitation.sent_at = invitation.created_at
        invitation.invited_by = "command:setup"
        invitation.save()
        held = Membership.objects.filter(user=invitation.user, company=invitation.company).first()
        if held is not None:
            invitation.roles.set(held.roles.all())


def make_ready_roles(apps, schema_editor):
    """A role that is there under that name stays as it is."""
    Role, RoleGrant = apps.get_model("companies", "Role"), apps.get_model("companies", "RoleGrant")
    for company in apps.get_model("companies", "Company").objects.all():
        for name, pairs in READY_ROLES.items():
            role, created = Role.objects.get_or_create(company=company, name=name)
            if created:
                RoleGrant.objects.bulk_create(
                    [RoleGrant(role=role, page=page.value, action=action.value) for page, action in sorted(pairs)]
                )


class Migration(migrations.Migration):
    dependencies = [("companies", "0005_second_factor")]

    operations = [
        migrations.AddField("invitation", "email", models.EmailField(default="", max_length=254, verbose_name="correo")),
        migrations.AddField("invitation", "roles", models.ManyToManyField(related_name="invitations", to="companies.role")),
        migrations.AddField("invitation", "invited_by", models.CharField(default="", max_length=300)),
        migrations.AddField("invitation", "sent_at", models.DateTimeField(null=True)),
        migrations.AddField("invitation", "refused_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("invitation", "cancelled_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunPython(keep_invitations, migrations.RunPython.noop),
        migrations.RunPython(make_ready_roles, migrations.RunPython.noop),
        # what was written waits with its checks for the end of the transaction, and a table with such rows can't change
        migrations.RunSQL("set constraints all immediate", migrations.RunSQL.noop),
        migrations.AlterField("invitation", "email", models.EmailField(max_length=254, verbose_name="correo")),
        migrations.AlterField("invitation", "invited_by", models.CharField(max_length=300)),
        migrations.AlterField("invitation", "sent_at", models.DateTimeField()),
        migrations.AlterField(
            "invitation",
            "user",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="invitations",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            "invitation",
            models.UniqueConstraint(
                F("company"),
                django.db.models.functions.text.Lower("email"),
                condition=models.Q(accepted_at=None, cancelled_at=None, refused_at=None),
                name="invitation_open_once",
            ),
        ),
        migrations.RemoveIndex("auditentry", "audit_by_company"),
        migrations.AddIndex("auditentry", models.Index(fields=["company", "at", "id"], name="audit_by_moment")),
        migrations.AddIndex("auditentry", models.Index(fields=["company", "actor", "at", "id"], name="audit_by_actor")),
        migrations.AddIndex("auditentry", models.Index(fields=["company", "event", "at", "id"], name="audit_by_event")),
        migrations.AddIndex(
            "auditentry",
            models.Index(
                F("company"),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("target"), name="text_pattern_ops"
                ),
                name="audit_by_target",
            ),
        ),
    ]
