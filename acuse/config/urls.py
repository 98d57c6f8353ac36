from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("acuse.api.urls")),
    path("", include("acuse.web.urls")),
]

handler400 = "acuse.web.errors.bad_request"
