"""Times as players show them: one way to write a moment or a length, for reasons, reports and progress."""

from __future__ import annotations


def clock(seconds: float) -> str:
    """``mm:ss``, from an hour on ``h:mm:ss``; rounded down, so that listening starts before the word.

    Formula: floor(seconds + 0.0005), since stored times have three decimals.
    """
    whole = max(0, int(seconds + 0.0005))
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes:02d}:{rest:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"
