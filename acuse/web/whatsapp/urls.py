from __future__ import annotations

from django.urls import path

from acuse.web.whatsapp import frame
from acuse.web.whatsapp.steps import credentials, health, needs, number, profile, template, trial, webhook

urlpatterns = [
    path("", frame.whatsapp, name="whatsapp"),
    path("que-necesitas/", needs.page, name="whatsapp_needs"),
    path("credenciales/", credentials.page, name="whatsapp_credentials"),
    path("numero/", number.page, name="whatsapp_number"),
    path("perfil/", profile.page, name="whatsapp_profile"),
    path("avisos/", webhook.page, name="whatsapp_webhook"),
    path("plantilla/", template.page, name="whatsapp_template"),
    path("pago-y-verificacion/", health.page, name="whatsapp_health"),
    path("prueba/", trial.page, name="whatsapp_trial"),
]
