from django.urls import path, register_converter

from acuse.web.directory import classes, classing, contacts, editing, merging, optout, views
from acuse.web.directory.sections import SectionConverter

register_converter(SectionConverter, "section")

urlpatterns = [
    path("clases-de-cliente/", classes.listing, name="customer_classes"),
    path("clases-de-cliente/nueva/", classes.create, name="customer_class_new"),
    path("clases-de-cliente/<int:class_id>/editar/", classes.rename, name="customer_class_edit"),
    path("clases-de-cliente/<int:class_id>/borrar/", classes.delete, name="customer_class_delete"),
    path("documento/", editing.document_look, name="document_look"),
    path("<section:section>/", views.grid, name="party_grid"),
    path("<section:section>/opciones/", views.options, name="party_options"),
    path("<section:section>/nuevo/", editing.create, name="party_new"),
    path("<section:section>/celular/", contacts.new_mobile_look, name="party_mobile"),
    path("<section:section>/clase/", classing.set_class, name="party_set_class"),
    path("<section:section>/unir/", merging.choose_two, name="party_merge_two"),
    path("<section:section>/<uuid:party_id>/", views.party, name="party"),
    path("<section:section>/<uuid:party_id>/editar/", editing.change, name="party_edit"),
    path("<section:section>/<uuid:party_id>/borrar/", editing.delete, name="party_delete"),
    path("<section:section>/<uuid:party_id>/unir/", merging.choose, name="party_merge"),
    path("<section:section>/<uuid:party_id>/unir/<uuid:other_id>/", merging.merge, name="party_merge_with"),
    path("<section:section>/<uuid:party_id>/contactos/", contacts.listing, name="contacts"),
    path("<section:section>/<uuid:party_id>/contactos/nuevo/", contacts.create, name="contact_new"),
    path("<section:section>/<uuid:party_id>/contactos/celular/", contacts.mobile_look, name="contact_mobile"),
    path("<section:section>/<uuid:party_id>/contactos/<uuid:contact_id>/", contacts.change, name="contact_edit"),
    path(
        "<section:section>/<uuid:party_id>/contactos/<uuid:contact_id>/borrar/", contacts.delete, name="contact_delete"
    ),
    path(
        "<section:section>/<uuid:party_id>/contactos/<uuid:contact_id>/baja/", optout.suppress, name="contact_suppress"
    ),
    path(
        "<section:section>/<uuid:party_id>/contactos/<uuid:contact_id>/volver/", optout.restore, name="contact_restore"
    ),
]
