from django.urls import path

from acuse.web.home import views

urlpatterns = [path("", views.home, name="home")]
