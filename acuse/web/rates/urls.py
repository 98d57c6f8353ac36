from django.urls import path

from acuse.web.rates import views

urlpatterns = [
    path("", views.rates, name="rates"),
    path("nueva/", views.create, name="rate_new"),
    path("<int:rate_id>/editar/", views.edit, name="rate_edit"),
    path("<int:rate_id>/borrar/", views.delete, name="rate_delete"),
]
