from django.urls import path

from acuse.web.deliveries import actions, bulk, views

urlpatterns = [
    path("", views.deliveries, name="deliveries"),
    path("estados/", views.states, name="delivery_states"),
    path("varios/<str:act>/", bulk.many, name="deliveries_many"),
    path("<uuid:delivery_id>/cancelar/", actions.cancel, name="delivery_cancel"),
    path("<uuid:delivery_id>/reenviar/", actions.resend, name="delivery_resend"),
    path("<uuid:delivery_id>/llego/", actions.arrived, name="delivery_arrived"),
    path("<uuid:delivery_id>/volver-a-enviar/", actions.send_again, name="delivery_send_again"),
    path("pausas/<int:suspension_id>/reanudar/", actions.resume, name="suspension_resume"),
]
