from __future__ import annotations

from django.urls import path

from acuse.web.installation import audit, companies, people

urlpatterns = [
    path("", companies.installation, name="installation"),
    path("empresas/nueva/", companies.create, name="installation_company_create"),
    path("empresas/<uuid:company_id>/invitar/", companies.invite, name="installation_company_invite"),
    path("empresas/<uuid:company_id>/<str:wanted>/", companies.switch, name="installation_company_switch"),
    path("auditoria/", audit.audit, name="installation_audit"),
    path("auditoria/<int:own_entry_id>/", audit.entry, name="installation_audit_entry"),
    path("usuarios/", people.people, name="installation_users"),
    path("usuarios/<uuid:user_id>/contrasena/", people.password, name="installation_user_password"),
    path("usuarios/<uuid:user_id>/dos-pasos/", people.second_factor, name="installation_user_second_factor"),
    path("usuarios/<uuid:user_id>/administra/", people.grant, name="installation_user_grant"),
    path("usuarios/<uuid:user_id>/no-administra/", people.revoke, name="installation_user_revoke"),
]
