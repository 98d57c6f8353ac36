from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    name = "acuse.channels"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Canales"
