from django.apps import AppConfig


class WorkersConfig(AppConfig):
    name = "acuse.workers"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = "Procesos"

    def ready(self) -> None:
        from acuse.deliveries import waking
        from acuse.workers import tasks

        waking.use(lane=tasks.wake, batch=tasks.wake_batch, waiting=tasks.wake_waiting)
