"""Django's settings, all from `acuse.config.environment`."""

from __future__ import annotations

from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from acuse.config import environment

ENVIRONMENT = environment.load()
_database = environment.database()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = ENVIRONMENT.data_dir
FILES_DIR = DATA_DIR / "files"

SECRET_KEY = ENVIRONMENT.secret_key
SECRET_KEY_FALLBACKS = list(ENVIRONMENT.old_secret_keys)
DEBUG = False
BASE_URL = ENVIRONMENT.base_url
#: Where the web process listens, for who writes a proxy's configuration.
BIND_HOST, BIND_PORT = ENVIRONMENT.bind_host, ENVIRONMENT.bind_port
ALLOWED_HOSTS = ENVIRONMENT.allowed_hosts
_secure = BASE_URL.startswith("https://")

#: Its files are all that is wanted of it here: as an app, every command would load it, and only the API needs it.
_NINJA = distribution("django-ninja").locate_file("ninja")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "axes",
    "csp",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_tomselect",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "bs_icon_templates",
    "acuse.companies",
    "acuse.directory",
    "acuse.vouchers",
    "acuse.channels",
    "acuse.deliveries",
    "acuse.hooks",
    "acuse.api",
    "acuse.web",
    "acuse.workers",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "acuse.web.accounts.middleware.SessionLifeMiddleware",
    "acuse.web.middleware.CompanyMiddleware",
    "acuse.web.accounts.middleware.FormatsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "acuse.config.urls"
ASGI_APPLICATION = "acuse.config.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        # of the page of the API's reference
        "DIRS": [f"{_NINJA}/templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "acuse.web.context.office",
            ],
            "builtins": ["acuse.web.templatetags.acuse_formats"],
            "libraries": {"humanize": "acuse.web.templatetags.acuse_formats"},
        },
    },
]

#: Many ask at once, and briefly: starting processes for a query takes longer than the query.
_ONE_PROCESS = "-c max_parallel_workers_per_gather=0"
DATABASES: dict[str, dict[str, Any]] = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _database.name,
        "USER": _database.user,
        "PASSWORD": _database.password,
        "HOST": _database.host,
        "PORT": _database.port,
        "CONN_MAX_AGE": 0,
        # what the pool kept through a restart of the database is dead
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            **_database.options,
            "options": f"{_database.options.get('options', '')} {_ONE_PROCESS}".strip(),
            "pool": {"min_size": 1, "max_size": 8, "timeout": 30},
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "companies.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "web:sign_in"
LOGIN_REDIRECT_URL = "web:home"
LOGOUT_REDIRECT_URL = "web:sign_in"
#: Of the link that sets a new password.
PASSWORD_RESET_TIMEOUT = 3600

AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
# the page says until when: a try in the meantime doesn't move it
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "acuse.web.accounts.locking.locked_out"
AXES_USERNAME_CALLABLE = "acuse.web.accounts.locking.username"
AXES_CLIENT_IP_CALLABLE = "acuse.web.accounts.address.counted_address"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address"]
# the audit says who entered, and more legibly
AXES_DISABLE_ACCESS_LOG = True
#: Networks whose X-Forwarded-For is believed.
TRUSTED_PROXIES = ENVIRONMENT.trusted_proxies

SESSION_ENGINE = "acuse.companies.identity.sessions"
#: Without anything done for so long the session ends; see SessionLifeMiddleware.
SESSION_COOKIE_AGE = 12 * 60 * 60
#: It ends in any case.
SESSION_LONGEST_AGE = 7 * 24 * 60 * 60
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _secure
CSRF_FAILURE_VIEW = "acuse.web.errors.csrf_failed"
CSRF_COOKIE_SECURE = _secure
CSRF_COOKIE_HTTPONLY = False
CSRF_TRUSTED_ORIGINS = [BASE_URL] if _secure else []
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _secure else None
SECURE_HSTS_SECONDS = 31_536_000 if _secure else 0
SILENCED_SYSTEM_CHECKS = [
    # HSTS of the subdomains, and the browsers' own list: Acuse may live at a company's domain, whose others aren't ours
    "security.W005",
    "security.W021",
    # from http to https leads the proxy, which has the certificate: one that tells no scheme would be led in circles
    "security.W008",
    # a voucher's page shows its PDF in a frame of this same site
    "security.W019",
]
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "SAMEORIGIN"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [SELF],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    }
}

# the installation's own mail (acuse.companies.mail); nothing uses it while there is no host
_mail = urlsplit(ENVIRONMENT.mail_url or "")
EMAIL_HOST = _mail.hostname or ""
EMAIL_USE_SSL = _mail.scheme == "smtps"
# in the clear to this same machine only
EMAIL_USE_TLS = _mail.scheme == "smtp" and EMAIL_HOST not in ("localhost", "127.0.0.1", "::1")
EMAIL_PORT = _mail.port or (465 if EMAIL_USE_SSL else 587 if EMAIL_USE_TLS else 25)
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = ENVIRONMENT.mail_from or ""

LANGUAGE_CODE = "es-ar"
LANGUAGES = [("es-ar", "Español (Argentina)")]
TIME_ZONE = "America/Argentina/Buenos_Aires"
USE_I18N = True
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [
    *((f"bootstrap/{part}", str(files("bootstrap") / part)) for part in ("css", "js")),
    ("ninja", f"{_NINJA}/static/ninja"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"},
}

CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "django_tables2/bootstrap5.html"

#: Meta's Graph API; a test or the demo points it to the simulator.
GRAPH_URL = ENVIRONMENT.graph_url
GRAPH_VERSION = ENVIRONMENT.graph_version

DATA_UPLOAD_MAX_MEMORY_SIZE = 64 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

LOGGING_CONFIG = None
