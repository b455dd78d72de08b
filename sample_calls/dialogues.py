"""All sample calls, in the order of the index.

Their true verdicts are reasoned from the standard clause by clause: a call starts from `INBOUND`, the
verdicts of a stereo call without a fault, and names what differs.
"""

from __future__ import annotations

from calls_lines import LINES
from calls_silences import SILENCES
from calls_voices import VOICES
from calls_words import WORDS

CALLS = (*WORDS, *LINES, *VOICES, *SILENCES)
