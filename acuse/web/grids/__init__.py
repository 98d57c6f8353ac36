"""What every grid does: filters in a clean address, pages by keyset, count and sums, saved filters, export, the phone.

A grid is declared once, and opened by each request; `rows` are the company's own (`scoped`), with their joins:

    MOVEMENTS = Grid(
        page=Page.AUDIT,                       # whose action EXPORT the export asks for
        one="movimiento", many="movimientos",  # as the count names them
        filterset=AuditFilter,                 # django-filter; a field `q` is the search box, the rest the menu
        table=AuditTable,                      # django-tables2, `template_name = "web/table.html"`, `orderable = False`
        sorts=(Sort("at", "Fecha", ("at", "id"), NEWEST, descending_first=True),),  # the first is the usual one
        export=(Column("Fecha", lambda row: row.at), Column("Quién", lambda row: row.actor)),
    )

    @require_safe
    @acting
    def audit(request: ActorRequest) -> HttpResponseBase:
        request.actor.require(Page.AUDIT, Action.VIEW)
        shown = MOVEMENTS.open(request, scoped(AuditEntry.objects.all(), request.actor))
        return shown.answer("web/security/audit.html", "web/security/_audit.html", {"title": "Auditoría"})

`shown.rows` are the page's rows, to complete before `answer`; where that costs something, ask `shown.elsewhere(title)`
first.
A sort's name is its column's in the table. Its keys are never null and the last is unique (`Coalesce` in the index and
here alike); an index begins with the company and ends with them.

The page extends `web/grids/page.html`, which has the title, the filters and the fragment; its blocks add what else
there is. The fragment is one element `#grid`, which a filter or a page changes in place:

    <div id="grid">{% if grid.nothing_yet %}<div class="empty">…</div>{% else %}
      {% include "web/grids/_above.html" %}
      {% if grid.rows %}{% include "web/grids/_rows.html" %}{% else %}{% include "web/grids/_no_match.html" %}
    {% endif %}{% endif %}</div>
"""
