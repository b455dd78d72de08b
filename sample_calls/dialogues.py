"""All sample calls, in the order of the index.

Their true verdicts are reasoned from the standard clause by clause: a call starts from the verdicts of a
faultless call of its kind (`truths`) and names what differs.
"""

from __future__ import annotations

from calls_desk import DESK_CALLS
from calls_faults import FAULTS
from calls_key_accounts import KEY_CALLS
from calls_lines import LINES
from calls_outbound import CALLS_OUT
from calls_scripts import SCRIPTS
from calls_silences import SILENCES
from calls_voices import VOICES
from calls_words import WORDS

CALLS = (*WORDS, *LINES, *VOICES, *SILENCES, *SCRIPTS, *FAULTS, *CALLS_OUT, *DESK_CALLS, *KEY_CALLS)
