from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "acuse.directory"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Directorio"
