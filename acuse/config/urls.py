from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("acuse.api.urls")),
    path("", include("acuse.web.urls")),
]
