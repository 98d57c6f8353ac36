from django.urls import path

from acuse.web.batches import actions, rows, views

urlpatterns = [
    path("", views.batches, name="batches"),
    path("en-curso/", views.under_way, name="batches_under_way"),
    path("<uuid:batch_id>/", views.batch, name="batch"),
    path("<uuid:batch_id>/avance/", views.progress, name="batch_progress"),
    path("<uuid:batch_id>/filas/", rows.rows, name="batch_rows"),
    path("<uuid:batch_id>/enviar/", actions.confirm, name="batch_confirm"),
    path("<uuid:batch_id>/revisar/", actions.look_again, name="batch_look_again"),
    path("<uuid:batch_id>/pausar/", actions.pause, name="batch_pause"),
    path("<uuid:batch_id>/reanudar/", actions.resume, name="batch_resume"),
    path("<uuid:batch_id>/cancelar/", actions.cancel, name="batch_cancel"),
]
