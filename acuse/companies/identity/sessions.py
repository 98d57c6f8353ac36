"""Sessions that know whose they are: a person's are found by an index, and no other is decoded."""

from __future__ import annotations

from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from acuse.companies.models import UserSession


class SessionStore(db.SessionStore):
    """`SESSION_ENGINE`. What it signs has Django's own salt, by the name of the class."""

    @classmethod
    def get_model_class(cls) -> type[UserSession]:
        return UserSession

    def create_model_instance(self, data: dict[str, Any]) -> UserSession:
        row = cast(UserSession, super().create_model_instance(data))
        row.user_id = data.get(SESSION_KEY)
        return row

    async def acreate_model_instance(self, data: dict[str, Any]) -> UserSession:
        row = cast(UserSession, await super().acreate_model_instance(data))
        row.user_id = data.get(SESSION_KEY)
        return row
