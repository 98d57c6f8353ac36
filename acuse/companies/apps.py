from django.apps import AppConfig


class CompaniesConfig(AppConfig):
    name = "acuse.companies"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Empresas"
