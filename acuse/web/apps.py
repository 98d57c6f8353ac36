from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "acuse.web"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Páginas"

    def ready(self) -> None:
        from acuse.web.refusals import say_with_vos

        say_with_vos()
