from django.apps import AppConfig


class HooksConfig(AppConfig):
    name = "acuse.hooks"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Avisos de proveedores"
