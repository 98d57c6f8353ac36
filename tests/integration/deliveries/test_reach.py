"""How far vouchers got, and their parties' names, as triggers keep them: right after everything that can happen."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date
from itertools import product
from typing import Any

import pytest
from django.db import connection, connections, transaction

from acuse.deliveries import merging, replacing, services
from acuse.deliveries.figures.reach import NEVER_ASKED, REACHES, Reach
from acuse.deliveries.models import Delivery, DeliveryEvent
from acuse.deliveries.services import Asker
from acuse.deliveries.states import Origin, State
from acuse.directory.models import Party
from acuse.kernel import clock
from acuse.vouchers.models import Voucher
from tests.data.cast import make_contact, make_party, make_voucher
from tests.integration.deliveries.conftest import Office
from tests.integration.truth import assert_nothing_drifted

ASKER = Asker("user:ana@oeste.example", Origin.MANUAL)


def _rank(voucher: Voucher) -> int:
    return Reach.objects.get(voucher=voucher).rank


def test_sql_and_python_rank_the_states_alike(office: Office) -> None:
    with connection.cursor() as cursor:
        for state in State:
            cursor.execute("select deliveries_rank(%s)", [state.value])
            assert cursor.fetchone() == (REACHES[state.value],), state


def test_a_voucher_is_never_asked_until_it_is(office: Office) -> None:
    voucher = office.voucher()
    assert _rank(voucher) == NEVER_ASKED
    office.ask(voucher)
    assert _rank(voucher) == REACHES[State.QUEUED]


@pytest.mark.parametrize("before", list(State))
def test_from_every_state_to_every_state(office: Office, before: State) -> None:
    make_contact(office.party, mobile="+5493415550198", name="Dueño")
    voucher = office.voucher()
    first, second = office.ask(voucher)
    for after, other in product(State, (State.QUEUED, State.SENT, State.CANCELLED)):
        Delivery.objects.filter(pk=first.pk).update(state=before)
        Delivery.objects.filter(pk=second.pk).update(state=other)
        Delivery.objects.filter(pk=first.pk).update(state=after)
        assert _rank(voucher) == max(REACHES[after], REACHES[other]), (before, after, other)


def test_many_at_once_in_one_statement(office: Office) -> None:
    rows = [office.voucher(number=n) for n in range(1, 30)]
    office.ask(*rows)
    Delivery.objects.filter(voucher__in=rows[:20]).update(state=State.SENT)
    assert_nothing_drifted()
    assert [_rank(row) for row in rows] == [REACHES[State.SENT]] * 20 + [REACHES[State.QUEUED]] * 9


def test_sending_cancelling_resolving_and_asking_again(office: Office) -> None:
    sent, cancelled, unsure = (office.voucher(number=n) for n in (1, 2, 3))
    deliveries = {row.voucher_id: row for row in office.ask(sent, cancelled, unsure)}
    services.cancel(deliveries[cancelled.pk], actor="ana")
    Delivery.objects.filter(voucher=unsure).update(state=State.UNCERTAIN)
    office.run()
    assert (_rank(sent), _rank(cancelled)) == (REACHES[State.SENT], REACHES[State.CANCELLED])
    services.resolve(deliveries[unsure.pk], sent=False, actor="ana")
    assert _rank(unsure) == REACHES[State.FAILED]
    services.resend(deliveries[unsure.pk], ASKER)
    assert _rank(unsure) == REACHES[State.QUEUED], "what was asked again is as far as its last delivery"
    assert_nothing_drifted()


def test_a_new_version_was_never_asked(office: Office) -> None:
    voucher = office.voucher()
    office.ask(voucher)
    office.run()
    Voucher.objects.filter(pk=voucher.pk).update(version=2, issued_on=date(2026, 11, 21))
    assert _rank(voucher) == NEVER_ASKED
    voucher.refresh_from_db()
    replacing.supersede(voucher, actor="ana")
    assert_nothing_drifted()
    assert Reach.objects.get(voucher=voucher).issued_on == date(2026, 11, 21)


def test_what_is_deleted_counts_no_more(office: Office) -> None:
    voucher = office.voucher()
    [delivery] = office.ask(voucher)
    DeliveryEvent.objects.filter(delivery=delivery).delete()
    delivery.delete()
    assert _rank(voucher) == NEVER_ASKED


def test_what_is_undone_leaves_nothing(office: Office) -> None:
    voucher = office.voucher()
    with transaction.atomic():
        office.ask(voucher)
        transaction.set_rollback(True)
    assert _rank(voucher) == NEVER_ASKED
    assert_nothing_drifted()


def _at_once(*doings: Callable[[], Any]) -> None:
    """Each in a transaction of its own, all open before the first one ends."""
    together = threading.Barrier(len(doings))
    faults: list[BaseException] = []

    def run(do: Callable[[], Any]) -> None:
        try:
            with transaction.atomic():
                do()
                together.wait(20)
        except BaseException as fault:  # shown by the test below
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(do,)) for do in doings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert faults == []


def test_two_transactions_that_change_the_same_vouchers_neither_drift_nor_deadlock(office: Office) -> None:
    make_contact(office.party, mobile="+5493415550198", name="Dueño")
    rows = [office.voucher(number=n) for n in range(1, 9)]
    office.ask(*rows)
    firsts, seconds = [], []
    for row in rows:
        first, second = Delivery.objects.filter(voucher=row).order_by("pk")
        firsts.append(first.pk)
        seconds.append(second.pk)

    def walk(ids: list[Any], state: State) -> Callable[[], None]:
        def change() -> None:
            for pk in ids:
                Delivery.objects.filter(pk=pk).update(state=state)

        return change

    for here, there in ((State.SENT, State.READ), (State.DELIVERED, State.FAILED), (State.CANCELLED, State.QUEUED)):
        _at_once(walk(firsts, here), walk(seconds[::-1], there))
        assert_nothing_drifted()


def test_a_party_that_is_renamed_takes_its_vouchers_along(office: Office) -> None:
    voucher = office.voucher()
    stale = Voucher.objects.get(pk=voucher.pk)
    Party.objects.filter(pk=office.party.pk).update(name="Ñandú e Hijos")
    assert Voucher.objects.get(pk=voucher.pk).party_name == "nandu e hijos"
    stale.save()
    assert Voucher.objects.get(pk=voucher.pk).party_name == "nandu e hijos", "who saves an old copy changes nothing"
    stale.party_name = "cualquiera"
    stale.save()
    assert_nothing_drifted()


def test_a_merge_gives_them_the_other_name(office: Office) -> None:
    duplicate = make_party(office.company, name="Almacén Norte (repetido)")
    voucher = make_voucher(office.company, duplicate, number=8)
    merging.merge(duplicate=duplicate, into=office.party, actor="ana")
    assert Voucher.objects.get(pk=voucher.pk).party_name == "almacen norte srl"


def test_a_voucher_that_comes_while_its_party_is_renamed_has_the_new_name(office: Office) -> None:
    inserted = threading.Event()

    def register() -> None:
        make_voucher(office.company, office.party, number=77)
        inserted.set()

    renaming = threading.Thread(target=_rename_after, args=(inserted, office.party.pk))
    with transaction.atomic():
        register()
        renaming.start()
        # it waits for the voucher, which nobody sees yet
        renaming.join(1)
        assert renaming.is_alive()
    renaming.join(20)
    assert Voucher.objects.get(number=77).party_name == "otro nombre"


def _rename_after(inserted: threading.Event, pk: Any) -> None:
    inserted.wait(20)
    Party.objects.filter(pk=pk).update(name="Otro nombre", updated_at=clock.now())
    connections.close_all()
