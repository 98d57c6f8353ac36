"""How fast each number goes: what Meta says of it when it is read, and never above what a person chose."""

from __future__ import annotations

import pytest

from acuse.channels import accounts
from acuse.channels.models import Lane, WhatsAppNumber
from acuse.channels.whatsapp.onboarding import numbers
from acuse.companies.models import Company
from acuse.deliveries import syncing
from acuse.kernel import clock
from acuse_simulator.process import SimulatorProcess
from tests.integration.watching.conftest import NUMBER, Tell

PHONE = {"on_biz_app": True, "throughput": 20}
HIGH = {"throughput": 1000}


def _pace(company: Company) -> int:
    syncing.sync(company, now=clock.now())
    return Lane.objects.get().throughput


def test_a_number_that_is_on_the_phone_too_goes_at_20(company: Company, process: SimulatorProcess) -> None:
    process.control("numbers", id=NUMBER, **PHONE)
    assert _pace(company) == 20
    process.control("numbers", id=NUMBER, on_biz_app=False, throughput=80)
    assert _pace(company) == 80


def test_a_number_that_meta_upgraded_goes_at_1000(company: Company, process: SimulatorProcess) -> None:
    process.control("numbers", id=NUMBER, **HIGH)
    assert _pace(company) == 1000


@pytest.mark.parametrize(("values", "pace"), [(PHONE, 20), (HIGH, 1000)])
def test_a_number_is_chosen_with_its_pace(
    company: Company, process: SimulatorProcess, values: dict[str, int], pace: int
) -> None:
    """Also one of which only the id was known."""
    process.control("numbers", id=NUMBER, **values)
    WhatsAppNumber.objects.update(throughput_level="")
    numbers.choose_number(company, phone_number_id=NUMBER, default=False, actor="test")
    assert Lane.objects.get().throughput == pace
    assert _pace(company) == pace


@pytest.mark.parametrize("values", [PHONE, HIGH, {"throughput": 80}])
@pytest.mark.parametrize("level", ["", "STANDARD", "SLOW"])
def test_a_lower_pace_of_a_person_stays(
    company: Company, process: SimulatorProcess, values: dict[str, int], level: str
) -> None:
    Lane.objects.update(throughput=5)
    WhatsAppNumber.objects.update(throughput_level=level)
    process.control("numbers", id=NUMBER, **values)
    numbers.choose_number(company, phone_number_id=NUMBER, default=False, actor="test")
    assert (_pace(company), _pace(company)) == (5, 5)


def test_a_lower_pace_of_a_person_stays_while_meta_restricts_and_lifts(
    company: Company, process: SimulatorProcess
) -> None:
    Lane.objects.update(throughput=5)
    process.control("numbers", id=NUMBER, status="RESTRICTED")
    assert _pace(company) == 5
    process.control("numbers", id=NUMBER, status="CONNECTED")
    assert _pace(company) == 5


def test_a_lower_pace_of_a_person_stays_when_meta_tells_an_upgrade(company: Company, tell: Tell) -> None:
    Lane.objects.update(throughput=5)
    tell("number_upgraded")
    assert Lane.objects.get().throughput == 5


def test_a_pace_above_metas_is_metas(company: Company) -> None:
    Lane.objects.update(throughput=500)
    assert _pace(company) == 80


@pytest.mark.parametrize("chosen", [21, 50, 79])
def test_a_pace_that_a_person_chose_comes_back_when_meta_lifts_a_restriction(
    company: Company, process: SimulatorProcess, chosen: int
) -> None:
    accounts.set_pace(Lane.objects.get(), chosen, actor="test")
    process.control("numbers", id=NUMBER, status="RESTRICTED")
    assert (_pace(company), _pace(company)) == (20, 20)
    process.control("numbers", id=NUMBER, status="CONNECTED")
    assert (_pace(company), _pace(company)) == (chosen, chosen)
    # once it came back it is as before: Meta's own is followed where it is lower
    process.control("numbers", id=NUMBER, **PHONE)
    assert _pace(company) == 20


def test_choosing_a_number_that_is_restricted_lifts_nothing(company: Company, process: SimulatorProcess) -> None:
    accounts.set_pace(Lane.objects.get(), 50, actor="test")
    process.control("numbers", id=NUMBER, status="RESTRICTED")
    assert _pace(company) == 20
    numbers.choose_number(company, phone_number_id=NUMBER, default=False, actor="test")
    assert (Lane.objects.get().throughput, _pace(company)) == (20, 20)
    process.control("numbers", id=NUMBER, status="CONNECTED")
    assert _pace(company) == 50


def test_a_pace_that_a_person_chose_comes_back_after_news_too(company: Company, tell: Tell) -> None:
    accounts.set_pace(Lane.objects.get(), 50, actor="test")
    tell("number_throttled")
    tell("number_throttled")
    assert Lane.objects.get().throughput == 20
    tell("number_upgraded")
    assert Lane.objects.get().throughput == 50


def test_a_pace_chosen_during_a_restriction_is_the_one_that_stays(company: Company, process: SimulatorProcess) -> None:
    accounts.set_pace(Lane.objects.get(), 50, actor="test")
    process.control("numbers", id=NUMBER, status="RESTRICTED")
    assert _pace(company) == 20
    accounts.set_pace(Lane.objects.get(), 7, actor="test")
    process.control("numbers", id=NUMBER, status="CONNECTED")
    assert _pace(company) == 7
