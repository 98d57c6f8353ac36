from django.urls import path

from acuse.web.whatsapp import status, status_acts

urlpatterns = [
    path("", status.status, name="whatsapp_status"),
    path("sincronizar/", status.sync, name="whatsapp_sync"),
    path("avisos/<int:notice_id>/atendido/", status_acts.attend, name="whatsapp_notice_attend"),
    path("plantillas/<int:template_id>/aceptar/", status_acts.accept, name="whatsapp_template_accept"),
    path("plantillas/<int:template_id>/reanudar/", status_acts.unpause, name="whatsapp_template_unpause"),
    path("numeros/<int:number_id>/pin/", status_acts.new_pin, name="whatsapp_new_pin"),
    path("numeros/<int:number_id>/cola/", status_acts.move_queue, name="whatsapp_move_queue"),
    path("numeros/<int:number_id>/prueba/", status_acts.sandbox, name="whatsapp_sandbox"),
]
