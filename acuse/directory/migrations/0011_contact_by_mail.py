"""Who has a mail is found by it as the register of those who asked for no more has it. Made beside the writes."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models

from acuse.companies.folding import MailKey


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("directory", "0010_fill_optouts")]

    operations = [
        # one that was interrupted stays, and is no use
        migrations.RunSQL("drop index concurrently if exists contact_by_mail", migrations.RunSQL.noop),
        AddIndexConcurrently(
            model_name="contact",
            index=models.Index("company", MailKey("email"), name="contact_by_mail"),
        ),
        # nobody looks a mail up by its capitals
        RemoveIndexConcurrently(model_name="contact", name="contact_by_email"),
    ]
