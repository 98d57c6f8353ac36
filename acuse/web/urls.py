from __future__ import annotations

from django.urls import include, path, register_converter

from acuse.vouchers.kinds import VoucherKind


class KindConverter:
    """A kind of voucher in a path; any other word is no page."""

    regex = "|".join(kind.value for kind in VoucherKind)

    def to_python(self, value: str) -> VoucherKind:
        return VoucherKind(value)

    def to_url(self, value: str) -> str:
        return str(value)


register_converter(KindConverter, "kind")

app_name = "web"
urlpatterns = [
    path("", include("acuse.web.home.urls")),
    path("", include("acuse.web.accounts.urls")),
    path("comprobantes/<kind:kind>/", include("acuse.web.vouchers.urls")),
    path("envios/", include("acuse.web.deliveries.urls")),
]
