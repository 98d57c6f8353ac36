from django.apps import AppConfig


class DeliveriesConfig(AppConfig):
    name = "acuse.deliveries"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Envíos"
