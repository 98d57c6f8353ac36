from __future__ import annotations

from django.urls import path

from acuse.web.whatsapp import frame
from acuse.web.whatsapp.steps import (
    credentials,
    health,
    needs,
    number,
    profile,
    registering,
    template,
    template_use,
    trial,
    webhook,
)

urlpatterns = [
    path("", frame.whatsapp, name="whatsapp"),
    path("que-necesitas/", needs.page, name="whatsapp_needs"),
    path("credenciales/", credentials.page, name="whatsapp_credentials"),
    path("numero/", number.page, name="whatsapp_number"),
    path("numero/lista/", number.listing, name="whatsapp_number_listing"),
    path("numero/leer/", number.read, name="whatsapp_number_read"),
    path("numero/cuenta/", number.choose_account, name="whatsapp_account"),
    path("numero/elegir/", number.choose, name="whatsapp_number_choose"),
    path("numero/agregar/", number.add, name="whatsapp_number_add"),
    path("numero/<slug:number>/codigo/", registering.code, name="whatsapp_code"),
    path("numero/<slug:number>/registrar/", registering.register, name="whatsapp_register"),
    path("perfil/", profile.page, name="whatsapp_profile"),
    path("perfil/leer/", profile.read, name="whatsapp_profile_read"),
    path("perfil/guardar/", profile.save, name="whatsapp_profile_save"),
    path("avisos/", webhook.page, name="whatsapp_webhook"),
    path("avisos/llegadas/", webhook.arrivals, name="whatsapp_webhook_arrivals"),
    path("avisos/conectar/", webhook.connect, name="whatsapp_webhook_connect"),
    path("avisos/comprobar/", webhook.check, name="whatsapp_webhook_check"),
    path("avisos/verificacion/", webhook.verify_token, name="whatsapp_webhook_token"),
    path("plantilla/", template.page, name="whatsapp_template"),
    path("plantilla/vista-previa/", template.preview, name="whatsapp_template_preview"),
    path("plantilla/enviar/", template.submit, name="whatsapp_template_submit"),
    path("plantilla/leer/", template.read, name="whatsapp_template_read"),
    path("plantilla/estado/", template.state, name="whatsapp_template_state"),
    path("plantilla/ejemplo.pdf", template.sample, name="whatsapp_template_sample"),
    path("plantilla/<int:template_id>/usar/", template_use.page, name="whatsapp_template_use"),
    path("pago-y-verificacion/", health.page, name="whatsapp_health"),
    path("pago-y-verificacion/leer/", health.read, name="whatsapp_health_read"),
    path("prueba/", trial.page, name="whatsapp_trial"),
    path("prueba/enviar/", trial.send, name="whatsapp_trial_send"),
    path("prueba/celular/", trial.look, name="whatsapp_trial_look"),
    path("prueba/estado/", trial.state, name="whatsapp_trial_state"),
    path("prueba/numero-de-prueba/", trial.sandbox, name="whatsapp_trial_sandbox"),
]
