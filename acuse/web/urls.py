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
    path("buscar/", include("acuse.web.finding.urls")),
    path("filtros/", include("acuse.web.grids.urls")),
    path("comprobantes/<kind:kind>/", include("acuse.web.vouchers.urls")),
    path("envios/tandas/", include("acuse.web.batches.urls")),
    path("envios/mensajes/", include("acuse.web.inbox.urls")),
    path("envios/", include("acuse.web.deliveries.urls")),
    path("administracion/parametros/", include("acuse.web.parameters.urls")),
    path("administracion/configuraciones/", include("acuse.web.policies.urls")),
    path("administracion/tarifas/", include("acuse.web.rates.urls")),
    path("administracion/whatsapp/estado/", include("acuse.web.whatsapp.status_urls")),
    path("administracion/whatsapp/", include("acuse.web.whatsapp.urls")),
    path("administracion/", include("acuse.web.company.urls")),
    path("tablas/", include("acuse.web.directory.urls")),
    path("seguridad/", include("acuse.web.security.urls")),
    path("instalacion/", include("acuse.web.installation.urls")),
]
