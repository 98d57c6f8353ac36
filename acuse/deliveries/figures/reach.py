"""How far each voucher has got, for sorting and filtering by it. See docs/adr/0013."""

from __future__ import annotations

from django.db import models

from acuse.companies.models import Company
from acuse.deliveries.states import RANK, State
from acuse.vouchers.models import Voucher

#: Nothing of its present version was ever asked.
NEVER_ASKED = -2
_CANCELLED = -1

#: The rank of a voucher by the furthest of its deliveries. What is being sent is still in the queue here: a grid
#: needn't follow the seconds between, and each change costs a write. `deliveries_rank` in SQL says the same.
REACHES: dict[str, int] = {
    **{state.value: RANK.get(state, _CANCELLED) for state in State},
    State.SENDING.value: RANK[State.QUEUED],
}


class Reach(models.Model):
    """A row a voucher, written by triggers alone: the furthest of the deliveries of its present version, those asked
    again left out. `kind`, `issued_on` and the company are the voucher's, for the index."""

    voucher = models.OneToOneField(Voucher, on_delete=models.CASCADE, primary_key=True, related_name="reach")
    company = models.ForeignKey(Company, on_delete=models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=30)
    issued_on = models.DateField()
    rank = models.SmallIntegerField()

    class Meta:
        indexes = [
            # the grids by state, and what is in one state by date
            models.Index(fields=["company", "kind", "rank", "issued_on", "voucher"], name="reach_grid"),
        ]
