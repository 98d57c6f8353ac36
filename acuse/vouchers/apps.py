from django.apps import AppConfig


class VouchersConfig(AppConfig):
    name = "acuse.vouchers"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Comprobantes"
