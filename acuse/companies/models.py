"""Companies, users, roles, keys, audit. Everything else in Acuse belongs to one company."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.indexes import OpClass
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django.db.models.functions import Lower, Upper

from acuse.companies.secrets.crypto import SecretField
from acuse.kernel.ids import new_id


class Installation(models.Model):
    """One row: what every process of this installation must agree upon."""

    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    #: SHA-256 of the secret key; another key refuses to start.
    key_fingerprint = models.CharField(max_length=64)
    #: Random name that the data folder holds too; another folder refuses to start.
    folder_id = models.CharField(max_length=64)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="installation_is_one")]


class Company(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    legal_name = models.CharField("razón social", max_length=200)
    cuit = models.CharField("CUIT", max_length=11, unique=True)
    trade_name = models.CharField("nombre de fantasía", max_length=200, blank=True)
    address = models.CharField("domicilio", max_length=200, blank=True)
    phone = models.CharField("teléfono", max_length=80, blank=True)
    email = models.EmailField("correo", max_length=254, blank=True)
    #: Where what customers answer is forwarded; blank = nowhere.
    answers_to = models.EmailField("reenviar respuestas a", max_length=254, blank=True)
    time_zone = models.CharField("zona horaria", max_length=64, default="America/Argentina/Buenos_Aires")
    #: 2 to 4 digits, or blank: then numbers that need one are ambiguous.
    default_area_code = models.CharField("característica", max_length=4, blank=True)
    #: Activated by the installation's administrator only.
    automatic_service = models.BooleanField("servicio de envío automático", default=False)
    automatic_service_since = models.DateTimeField(null=True, blank=True)
    #: The actor's label.
    automatic_service_by = models.CharField(max_length=300, blank=True)
    #: Vouchers dated longer ago are never sent by themselves.
    automatic_max_age_days = models.PositiveSmallIntegerField(default=7)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "empresa"

    def __str__(self) -> str:
        return self.legal_name


class CompanyLogo(models.Model):
    """A PNG of ours, drawn again from the picture that was given."""

    company = models.OneToOneField(Company, on_delete=models.CASCADE, primary_key=True, related_name="logo")
    png = models.BinaryField()
    updated_at = models.DateTimeField(auto_now=True)


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=self.normalize_email(email).strip(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(email__iexact=username)


class User(AbstractBaseUser):
    class Theme(models.TextChoices):
        #: As the system says.
        AUTO = "auto", "Automático"
        LIGHT = "light", "Claro"
        DARK = "dark", "Oscuro"

    class Formats(models.TextChoices):
        ARGENTINA = "es-ar", "1.234,56 · 31/12/2026"
        ENGLISH = "en-us", "1,234.56 · 12/31/2026"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField("correo", max_length=254, unique=True)
    name = models.CharField("nombre", max_length=120, blank=True)
    is_active = models.BooleanField(default=True)
    #: Administers the installation; gives no sight of companies where the user holds no role.
    is_installation_admin = models.BooleanField(default=False)
    theme = models.CharField("colores", max_length=5, choices=Theme.choices, default=Theme.AUTO)
    formats = models.CharField(
        "formato de números y fechas", max_length=5, choices=Formats.choices, default=Formats.ARGENTINA
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = "usuario"
        constraints = [
            # sign-in looks users up without regard to case
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
        ]

    def __str__(self) -> str:
        return self.name or self.email


class Role(models.Model):
    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="roles")
    name = models.CharField("nombre", max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "name"], name="role_name_once")]

    def __str__(self) -> str:
        return self.name


class RoleGrant(models.Model):
    """One tick of *Acciones por páginas por rol*."""

    id = models.BigAutoField(primary_key=True)
    role = models.ForeignKey(Role, on_delete=models.CASCADE, related_name="grants")
    page = models.CharField(max_length=40)
    action = models.CharField(max_length=20)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["role", "page", "action"], name="role_grant_once")]


class Membership(models.Model):
    id = models.BigAutoField(primary_key=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="memberships")
    roles = models.ManyToManyField(Role, related_name="memberships")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "company"], name="membership_once")]


class Invitation(models.Model):
    """A company asks somebody in, by an address. Only the token's digest is kept; asking again replaces it."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField("correo", max_length=254)
    roles = models.ManyToManyField(Role, related_name="invitations")
    #: The actor's label. Cancelled when that person is deactivated here, and refused when they could make it no more.
    invited_by = models.CharField(max_length=300)
    #: Made in *Instalación*, by who administers it: needs no role here.
    by_installation = models.BooleanField(default=False)
    #: A member from before who has no password yet (`acuse setup` makes them); once accepted, who accepted.
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="invitations", null=True, blank=True)
    token_digest = models.CharField(max_length=64, unique=True)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    cancelled_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            # asking again finds the one that is open, and two at once make one
            models.UniqueConstraint(
                "company",
                Lower("email"),
                condition=models.Q(accepted_at=None, refused_at=None, cancelled_at=None),
                name="invitation_open_once",
            ),
        ]

    def __str__(self) -> str:
        return self.email


class ApiKey(models.Model):
    """A key of the REST API: of one company, carrying one role. Only its digest is kept."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="api_keys")
    #: None: it was revoked, and its role was deleted since; the audit tells which it was.
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="api_keys", null=True)
    name = models.CharField("nombre", max_length=80)
    #: The first characters, to tell one key from another.
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    #: The actor's label; blank: made before Acuse kept it, and the audit doesn't tell either.
    made_by = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class SavedFilter(models.Model):
    """A grid's filters under a name, of one person in one company."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="saved_filters")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_filters")
    #: The grid's path.
    grid = models.CharField(max_length=120)
    name = models.CharField("nombre", max_length=60)
    #: The query of its address, without the page.
    query = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["company", "user", "grid", "name"], name="saved_filter_once")]


class AuditEntry(models.Model):
    """Who did what to what. Written by the services, in the transaction of what they do."""

    id = models.BigAutoField(primary_key=True)
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="audit", null=True)
    at = models.DateTimeField(auto_now_add=True)
    #: `user:<email>`, `key:<prefix>`, `command:<name>`, `system`.
    actor = models.CharField(max_length=300)
    #: Verb in the past, stable: `voucher.registered`, `role.granted`.
    event = models.CharField(max_length=60)
    target = models.CharField(max_length=200, blank=True)
    #: Never secrets; addresses masked.
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            # the audit page lists a company's entries, newest first, as its keyset reads them
            models.Index(fields=["company", "at", "id"], name="audit_by_moment"),
            # its filters by who, by what was done, and by how what it was done to begins
            models.Index(fields=["company", "actor", "at", "id"], name="audit_by_actor"),
            models.Index(fields=["company", "event", "at", "id"], name="audit_by_event"),
            models.Index("company", OpClass(Upper("target"), "text_pattern_ops"), name="audit_by_target"),
        ]


class UserSession(AbstractBaseSession):
    """An open session; None: somebody who hasn't entered, and holds an invitation or gave a password."""

    #: Without a constraint: a request that is under way while the account goes isn't to break by it.
    user = models.ForeignKey(
        User, on_delete=models.CASCADE, related_name="sessions", null=True, db_constraint=False
    )  # fmt: skip

    @classmethod
    def get_session_store_class(cls) -> type[SessionBase]:
        from acuse.companies.identity.sessions import SessionStore

        return SessionStore


class SecondFactor(models.Model):
    """What a person proves besides the password; without this row, nothing. Its keys and codes go with it."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="second_factor")
    #: Of the app that gives codes; blank: the person has passkeys only.
    key = SecretField(blank=True)
    #: The step of the last code that was taken: none is taken twice.
    last_step = models.BigIntegerField(default=0)
    #: Wrong codes since `wrong_since`; beyond a limit none is taken for a while, from whatever address.
    wrong = models.PositiveIntegerField(default=0)
    wrong_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)


class RecoveryCode(models.Model):
    """Enters once instead of the second factor. Only its digest is kept."""

    id = models.BigAutoField(primary_key=True)
    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="recovery_codes")
    digest = models.CharField(max_length=64, unique=True)
    used_at = models.DateTimeField(null=True)


class Passkey(models.Model):
    """A WebAuthn credential: its public half."""

    id = models.BigAutoField(primary_key=True)
    factor = models.ForeignKey(SecondFactor, on_delete=models.CASCADE, related_name="passkeys")
    name = models.CharField("nombre", max_length=60)
    #: Finds the row when the browser answers.
    credential_id = models.BinaryField(unique=True)
    #: As WebAuthn writes it (attested credential data).
    credential = models.BinaryField()
    #: What the authenticator counted; one that goes back was copied. 0: it doesn't count.
    uses = models.BigIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True)


class UsedChallenge(models.Model):
    """What a passkey signed to enter: whoever has a copy can't send it again. It goes once the challenge is too old."""

    digest = models.CharField(max_length=64, primary_key=True)
    used_at = models.DateTimeField()
