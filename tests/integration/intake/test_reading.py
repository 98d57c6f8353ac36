from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection

from acuse.intake.services import IntakeError, take_pdf
from acuse.vouchers import pdf
from tests.data.cast import PDF


@pytest.mark.django_db(transaction=True)
def test_while_a_pdf_is_read_others_may_use_its_database_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []

    def read(path: Path) -> pdf.PdfReading:
        held.append(connection.connection is not None)
        raise pdf.PdfError("corrupt")

    monkeypatch.setattr(pdf, "read_pdf", read)
    connection.ensure_connection()
    with pytest.raises(IntakeError):
        take_pdf([PDF])
    assert held == [False]
