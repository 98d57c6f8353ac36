from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("channels", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="mailbox", name="from_name", field=models.CharField(blank=True, max_length=120, default=""),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="mailbox", name="password_saved_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="whatsappaccount", name="token_saved_at", field=models.DateTimeField(blank=True, null=True)
        ),
        migrations.AddField(
            model_name="whatsappapp", name="secret_saved_at", field=models.DateTimeField(blank=True, null=True)
        ),
    ]
