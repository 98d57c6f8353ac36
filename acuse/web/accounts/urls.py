from django.contrib.auth.views import LogoutView
from django.urls import path

from acuse.web.accounts import views

urlpatterns = [
    path("ingresar/", views.SignIn.as_view(), name="sign_in"),
    path("salir/", LogoutView.as_view(http_method_names=["post", "options"]), name="sign_out"),
    path("invitacion/<str:token>/", views.invitation, name="invitation"),
    path("empresa/", views.choose_company, name="choose_company"),
]
