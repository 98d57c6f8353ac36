from django.urls import path

from acuse.web.accounts import account, guards, invitations, passwords, sign_in, views

urlpatterns = [
    path("ingresar/", sign_in.sign_in, name="sign_in"),
    path("ingresar/codigo/", sign_in.sign_in_code, name="sign_in_code"),
    path("ingresar/de-nuevo/", sign_in.start_again, name="sign_in_again"),
    path("ingresar/llave/", sign_in.passkey_sign_in, name="passkey_sign_in"),
    path("ingresar/llave/opciones/", sign_in.passkey_options, name="passkey_options"),
    path("ingresar/olvide/", passwords.forgot_password, name="forgot_password"),
    path("ingresar/nueva/<str:uid>/<str:token>/", passwords.new_password, name="new_password"),
    path("salir/", sign_in.sign_out, name="sign_out"),
    path("mi-cuenta/", account.account, name="account"),
    path("mi-cuenta/colores/", account.theme, name="account_theme"),
    path("mi-cuenta/contrasena/", account.password, name="account_password"),
    path("mi-cuenta/confirmar/", account.prove_again, name="account_prove"),
    path("mi-cuenta/sesiones/", account.end_other_sessions, name="account_sessions"),
    path("mi-cuenta/app/", guards.app, name="account_app"),
    path("mi-cuenta/codigos/", guards.recovery_codes, name="account_codes"),
    path("mi-cuenta/dos-pasos/desactivar/", guards.turn_off, name="account_two_factor_off"),
    path("mi-cuenta/llaves/", guards.add_passkey, name="account_passkey_add"),
    path("mi-cuenta/llaves/opciones/", guards.passkey_options, name="account_passkey_options"),
    path("mi-cuenta/llaves/<int:passkey_id>/", guards.rename_passkey, name="account_passkey"),
    path("mi-cuenta/llaves/<int:passkey_id>/quitar/", guards.remove_passkey, name="account_passkey_remove"),
    path("invitacion/", invitations.pending, name="invitation_pending"),
    path("invitacion/<str:token>/", invitations.invitation, name="invitation"),
    path("empresa/", views.choose_company, name="choose_company"),
]
