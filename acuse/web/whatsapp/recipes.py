"""How Acuse gets an address that Meta reaches: text to copy, with the host and the port that it listens on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

#: Where the server's own name isn't known yet.
SAMPLE_NAME = "acuse.tuempresa.com.ar"
_ANYWHERE = ("0.0.0.0", "::", "")  # noqa: S104  (compared, not bound)
_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class Recipe:
    #: Of the field that is copied.
    id: str
    title: str
    #: What to do with the text.
    lead: str
    text: str
    after: str

    @property
    def rows(self) -> int:
        return self.text.count("\n")


def recipes(*, base_url: str, bind_host: str, bind_port: int) -> tuple[Recipe, ...]:
    name, local = _name(base_url), _local(bind_host, bind_port)
    then = f"Después, definí ACUSE_BASE_URL=https://{name} y reiniciá Acuse."
    tunnel = "Definí ACUSE_BASE_URL con la dirección https que muestra, reiniciá Acuse, y volvé acá."
    return (
        Recipe(
            "caddy", "Caddy", "Consigue el certificado solo. En su Caddyfile:",
            f"{name} {{\n    reverse_proxy {local}\n}}\n", then,
        ),
        Recipe(
            "nginx", "nginx", "Dentro del «server» que tiene el certificado:",
            f"location / {{\n    proxy_pass http://{local};\n    proxy_set_header Host $host;\n"
            "    proxy_set_header X-Forwarded-Proto $scheme;\n"
            "    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n    client_max_body_size 101m;\n}\n",
            then,
        ),
        Recipe(
            "cloudflared", "Túnel con cloudflared", "Sin abrir puertos. Da una dirección https que cambia cada vez:",
            f"cloudflared tunnel --url http://{local}\n",
            f"{tunnel} Para que no cambie, creá un túnel con nombre en tu cuenta.",
        ),
        Recipe(
            "ngrok", "Túnel con ngrok", "Igual, con una cuenta de ngrok:", f"ngrok http {local}\n", tunnel,
        ),
    )  # fmt: skip


def _name(base_url: str) -> str:
    host = urlsplit(base_url).hostname or ""
    return SAMPLE_NAME if host in _HERE or host in _ANYWHERE else host


def _local(host: str, port: int) -> str:
    bare = "127.0.0.1" if host in _ANYWHERE else host
    return f"[{bare}]:{port}" if ":" in bare else f"{bare}:{port}"
