from __future__ import annotations

from pathlib import Path

import pytest

from acuse.deliveries.states import Origin
from acuse.directory.models import Contact
from acuse.intake.by_hand import Refused, Wanted, send_file
from acuse.intake.services import EVERY_PARTY, Bringer
from acuse.vouchers.kinds import VoucherKind
from acuse.vouchers.models import Voucher
from tests.conftest import Cast
from tests.data.cast import make_whatsapp
from tests.data.pdfs import invoice_pdf
from tests.data.unforeseen import Spot, break_it, wherever_it_breaks

BRINGER = Bringer(label="command:send", origin=Origin.COMMAND, source="command", may_edit=EVERY_PARTY)


@wherever_it_breaks
def test_what_cant_be_worked_out_is_refused_in_words_and_nothing_of_it_is_kept(
    people: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spot: Spot
) -> None:
    make_whatsapp(people.company)
    pdf = tmp_path / "presupuesto.pdf"
    pdf.write_bytes(invoice_pdf(qr_text=None))
    wanted = Wanted(to="341 15 555-0190", company_cuit=people.company.cuit, kind=VoucherKind.QUOTE)
    with monkeypatch.context() as patched:
        break_it(patched, spot)
        with pytest.raises(Refused, match="por un error propio") as refused:
            send_file(pdf, wanted, BRINGER)
    assert refused.value.code == "fault"
    assert (Voucher.objects.count(), Contact.objects.count()) == (0, 0)
    assert send_file(pdf, wanted, BRINGER).delivery.to == "+5493415550190"
