from django.urls import path

from acuse.web.inbox import views

urlpatterns = [
    path("", views.inbox, name="inbound"),
    path("<int:message_id>/resuelto/", views.handle, name="inbound_handle"),
]
