"""A day in a form."""

from __future__ import annotations

from django import forms


class DayInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        # what the browser's own control takes
        super().__init__(format="%Y-%m-%d")
