"""Each fault of a mail server has the outcome that it must have: the table of `make smtp-faults`."""

import pytest

from deploy.mail.faults import faults
from deploy.mail.trial import complaints


@pytest.mark.parametrize("kind", faults())
async def test_each_fault_has_its_outcome_and_the_courier_goes_on(kind: str) -> None:
    assert await complaints(faults()[kind]) == []
