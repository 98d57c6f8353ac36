from django.urls import path

from acuse.web.parameters import numbers, removing, trials, views

urlpatterns = [
    path("whatsapp/numeros/<int:lane_id>/principal/", numbers.make_default, name="parameters_number_default"),
    path("whatsapp/numeros/<int:lane_id>/quitar/", numbers.remove, name="parameters_number_remove"),
    path("", views.parameters, name="parameters"),
    path("whatsapp/", views.whatsapp, name="parameters_whatsapp"),
    path("whatsapp/probar/", trials.whatsapp, name="parameters_whatsapp_trial"),
    path("whatsapp/verificacion/", views.verify_token, name="parameters_verify_token"),
    path("whatsapp/token/quitar/", removing.token, name="parameters_token_remove"),
    path("whatsapp/secreto/quitar/", removing.app_secret, name="parameters_app_secret_remove"),
    path("correo/", views.mail, name="parameters_mail"),
    path("correo/probar/", trials.mail, name="parameters_mail_trial"),
    path("correo/quitar/", removing.mailbox, name="parameters_mailbox_remove"),
    path("envio/", views.sending, name="parameters_sending"),
]
