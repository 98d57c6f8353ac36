"""What a test that commits leaves behind, taken away."""

from __future__ import annotations

from django.core.management.color import no_style
from django.db import connection

#: What `migrate` writes there is as good for the next test.
_KEPT = {"django_content_type", "auth_permission"}


def emptied_tables() -> list[str]:
    names = connection.introspection.django_table_names(only_existing=True, include_views=False)
    with connection.cursor() as cursor:
        # a worker that a test made up is heard of by all the others, and Django doesn't manage these
        names += [name for name in connection.introspection.table_names(cursor) if name.startswith("procrastinate_")]
    return sorted(set(names) - _KEPT)


def may_silence() -> bool:
    """Whether foreign keys and triggers can be put to sleep: by a superuser."""
    with connection.cursor() as cursor:
        cursor.execute("select has_parameter_privilege('session_replication_role', 'set')")
        (may,) = cursor.fetchone()
    return bool(may)


def empty_tables() -> None:
    """As Django's flush, and ten times as quick: the tables hold a few rows, and TRUNCATE makes each a new file."""
    given_up = emptied_tables()
    with connection.cursor() as cursor:
        if may_silence():
            # all goes
            deletes = "; ".join(f"delete from {connection.ops.quote_name(name)}" for name in given_up)
            cursor.execute(f"begin; set local session_replication_role = replica; {deletes}; commit")
        else:
            for statement in connection.ops.sql_flush(no_style(), given_up):
                cursor.execute(statement)
