from django.urls import path

from acuse.web.finding import views

urlpatterns = [path("", views.find, name="find")]
