from django.urls import path

from acuse.web.grids import views

urlpatterns = [
    path("", views.save, name="saved_filter_save"),
    path("<int:saved_id>/nombre/", views.rename, name="saved_filter_rename"),
    path("<int:saved_id>/borrar/", views.remove, name="saved_filter_remove"),
]
