from __future__ import annotations

from django.urls import path

from acuse.web.company import automatic, logo, views

urlpatterns = [
    path("empresa/", views.company, name="company"),
    path("empresa/logo/", logo.picture, name="company_logo"),
    path("empresa/logo/subir/", logo.upload, name="company_logo_upload"),
    path("empresa/logo/quitar/", logo.remove, name="company_logo_remove"),
    path("envio-automatico/", automatic.service, name="automatic_service"),
    path("envio-automatico/dias/", automatic.max_age, name="automatic_service_max_age"),
    path("envio-automatico/<str:wanted>/", automatic.switch, name="automatic_service_switch"),
]
