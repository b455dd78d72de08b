"""What tests of reviews say and expect."""

import pytest

from auditor.errors import DecisionError

OTHER = {"reason": "听录音,客服说的是「您好」。", "actor": "chen", "role": "inspector"}


def refused(code, action, *arguments, **options):
    with pytest.raises(DecisionError) as caught:
        action(*arguments, **options)
    assert caught.value.code == code
    return str(caught.value)
