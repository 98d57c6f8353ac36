from django.urls import path

from acuse.web.vouchers import sending, views

urlpatterns = [
    path("", views.grid, name="voucher_grid"),
    path("estados/", views.states, name="voucher_states"),
    path("enviar/", sending.send, name="voucher_send"),
    path("<uuid:voucher_id>/", views.voucher, name="voucher"),
    path("<uuid:voucher_id>/envios/", views.deliveries, name="voucher_deliveries"),
    path("<uuid:voucher_id>/pdf/", views.pdf, name="voucher_pdf"),
]
