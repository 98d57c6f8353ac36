from django.urls import path

from acuse.web.vouchers import elsewhere, one, pdf, sending, uploads, views, voiding, writing

urlpatterns = [
    path("", views.grid, name="voucher_grid"),
    path("estados/", views.states, name="voucher_states"),
    path("enviar/", sending.send, name="voucher_send"),
    path("crear/", writing.create, name="voucher_create"),
    path("crear/<uuid:draft_id>/descartar/", uploads.discard, name="voucher_draft_discard"),
    path("crear/<uuid:draft_id>/pdf/", uploads.draft_pdf, name="voucher_draft_pdf"),
    path("terceros/", writing.parties, name="voucher_parties"),
    path("<uuid:voucher_id>/", one.voucher, name="voucher"),
    path("<uuid:voucher_id>/envios/", one.deliveries, name="voucher_deliveries"),
    path("<uuid:voucher_id>/pdf/", pdf.pdf, name="voucher_pdf"),
    path("<uuid:voucher_id>/versiones/<int:version>/pdf/", pdf.pdf, name="voucher_version_pdf"),
    path("<uuid:voucher_id>/editar/", writing.edit, name="voucher_edit"),
    path("<uuid:voucher_id>/anular/", voiding.void, name="voucher_void"),
    path("<uuid:voucher_id>/activar/", voiding.unvoid, name="voucher_unvoid"),
    path("<uuid:voucher_id>/enviar-a/", elsewhere.send_elsewhere, name="voucher_send_elsewhere"),
]
