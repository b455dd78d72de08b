"""What tests of reviews say and expect."""

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from auditor.errors import DecisionError
from auditor.store.drawing import Plan
from auditor.store.sampling import plan_week

OTHER = {"reason": "听录音,客服说的是「您好」。", "actor": "chen", "role": "inspector"}
MONDAY = date(2026, 11, 2)
ZONE = ZoneInfo("Asia/Shanghai")
PLAN = Plan(MONDAY, calls=4)


def refused(code, action, *arguments, **options):
    with pytest.raises(DecisionError) as caught:
        action(*arguments, **options)
    assert caught.value.code == code
    return str(caught.value)


def planned(store, edition, **changes):
    options = {"edition": edition, "inspectors": ["chen", "zhao"], "zone": ZONE, **changes}
    return plan_week(store, options.pop("plan", PLAN), **options)
