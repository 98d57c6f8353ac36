"""When a provider can't be asked about an account, or refuses: what every layer may know of it. Pure."""

from __future__ import annotations

#: The field of the refusal of a token that isn't taken any more.
CREDENTIAL = "access_token"


class AccountRefused(ValueError):
    """Refused; `field` names what, the text says why, `next_step` the way out, `said` the provider's own words."""

    def __init__(self, field: str, text: str, next_step: str = "", *, passing: bool = False, said: str = "") -> None:
        super().__init__(text)
        self.field = field
        self.next_step = next_step
        #: The same may work in a while.
        self.passing = passing
        self.said = said
