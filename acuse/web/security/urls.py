from __future__ import annotations

from django.urls import path

from acuse.web.security import api_keys, audit, grants, invitations, roles, users

urlpatterns = [
    path("usuarios/", users.users, name="users"),
    path("usuarios/invitar/", invitations.invite, name="user_invite"),
    path("usuarios/invitaciones/<int:invitation_id>/reenviar/", invitations.resend, name="user_invitation_resend"),
    path("usuarios/invitaciones/<int:invitation_id>/cancelar/", invitations.cancel, name="user_invitation_cancel"),
    path("usuarios/<int:member_id>/", users.user, name="user"),
    path("usuarios/<int:member_id>/desactivar/", users.deactivate, name="user_deactivate"),
    path("usuarios/<int:member_id>/reactivar/", users.reactivate, name="user_reactivate"),
    path("usuarios/<int:member_id>/contrasena/", users.password, name="user_password"),
    path("usuarios/<int:member_id>/segundo-factor/", users.second_factor, name="user_second_factor"),
    path("roles/", roles.roles, name="roles"),
    path("roles/nuevo/", roles.create, name="role_create"),
    path("roles/<int:role_id>/nombre/", roles.rename, name="role_rename"),
    path("roles/<int:role_id>/borrar/", roles.delete, name="role_delete"),
    path("acciones/", grants.grants, name="grants"),
    path("claves/", api_keys.api_keys, name="api_keys"),
    path("claves/nueva/", api_keys.create, name="api_key_create"),
    path("claves/<uuid:key_id>/anular/", api_keys.revoke, name="api_key_revoke"),
    path("auditoria/", audit.audit, name="audit"),
    path("auditoria/<int:entry_id>/", audit.entry, name="audit_entry"),
]
