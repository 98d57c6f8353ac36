"""What the assistant's pages show of Meta's: as it was read a moment ago, else asked."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from acuse.channels.whatsapp.facts import NumberFacts
from acuse.channels.whatsapp.onboarding import kept, numbers, profile, waba
from acuse.channels.whatsapp.onboarding.asking import account_of, chosen_account
from acuse.channels.whatsapp.onboarding.numbers import Choice
from acuse.channels.whatsapp.onboarding.profile import Profile
from acuse.companies.models import Company


@dataclass(frozen=True, slots=True)
class AccountLine:
    id: str
    name: str
    currency: str


def accounts(company: Company, *, max_age: timedelta) -> tuple[list[AccountLine], datetime]:
    """`waba.accounts_to_choose`, and when it was read. Raises OnboardingError."""

    def ask() -> list[dict[str, str]]:
        found = waba.accounts_to_choose(company)
        return [{"id": one.id, "name": one.name, "currency": one.currency} for one in found]

    found = kept.look(account_of(company), "accounts", max_age=max_age, ask=ask)
    return [AccountLine(**row) for row in found.told], found.at


def choices(company: Company, *, max_age: timedelta) -> tuple[list[Choice], datetime]:
    """`numbers.numbers_to_choose`, and when it was read. Raises OnboardingError."""
    account = chosen_account(company)
    found = kept.look(
        account,
        f"numbers:{account.waba_id}",
        max_age=max_age,
        ask=lambda: [asdict(facts) for facts in numbers.read_numbers(company)],
    )
    return numbers.choices_of(company, [NumberFacts(**row) for row in found.told]), found.at


def profile_of(company: Company, *, phone_number_id: str, max_age: timedelta) -> tuple[Profile, datetime]:
    """`profile.read`, and when it was read. Raises OnboardingError."""
    found = kept.look(
        account_of(company),
        f"profile:{phone_number_id}",
        max_age=max_age,
        ask=lambda: asdict(profile.read(company, phone_number_id=phone_number_id)),
    )
    return Profile(**found.told | {"websites": tuple(found.told["websites"])}), found.at
