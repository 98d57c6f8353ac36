from django.apps import AppConfig


class ApiConfig(AppConfig):
    name = "acuse.api"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "API"
