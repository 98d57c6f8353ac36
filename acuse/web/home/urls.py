from django.urls import path

from acuse.web.home import views

urlpatterns = [
    path("", views.home, name="home"),
    path("primeros-pasos/ocultar/", views.hide_steps, name="home_hide_steps"),
]
