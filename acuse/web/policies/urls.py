from django.urls import path

from acuse.web.policies import editing, previewing, views

urlpatterns = [
    path("", views.policies, name="policies"),
    path("<kind:kind>/", editing.edit, name="policy"),
    path("<kind:kind>/vista-previa/", previewing.preview, name="policy_preview"),
    path("<kind:kind>/comprobantes/", previewing.vouchers, name="policy_vouchers"),
    path("<kind:kind>/copiar/", editing.copy, name="policy_copy"),
    path("<kind:kind>/fabrica/", editing.restore, name="policy_restore"),
]
