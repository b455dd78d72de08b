"""The hand-made call of `made_call` as fixtures."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from auditor.records import CallAudit

sys.path.insert(0, str(Path(__file__).parent))

from made_call import WORDING, make_audit, make_mono, make_peaks


@pytest.fixture
def audit() -> CallAudit:
    """A two-leg call with a critical fail, fails, reviews, passes and clauses that do not apply."""
    return make_audit()


@pytest.fixture
def mono(audit: CallAudit) -> CallAudit:
    """The same call in mono: nobody can tell who is the agent, nothing is scored."""
    return make_mono(audit)


@pytest.fixture
def peaks(audit: CallAudit) -> list[list[float]]:
    """Peaks of both legs as `waveform_peaks` gives them."""
    return make_peaks(audit)


@pytest.fixture
def wording() -> dict[str, str]:
    """Rule id -> mandated wording."""
    return dict(WORDING)
