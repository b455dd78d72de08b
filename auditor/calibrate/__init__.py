"""Calibration: how far the machine agrees with people, and what to change where it does not.

::

    labels (LABELS.csv) or reviews (store) ─ gathering ─> Rating×n ─ agreement ─> Calibration ─ report ─>
    Rating×n + rulebook ─ thresholds ─> Suggestion×n ─ preview ─> what would change ─ accepting ─> a file
    stored calls ─ norms ─> confidence norms (V5)

A *label* is a person's verdict on one rule of one call; a *rating* is a label beside the machine's verdict.
Reviews of calls that the sampling plan drew count ``1/π`` times (`auditor.store.sampling`): the plan prefers
risky calls, and what was drawn less often stands for more. Reviews of other calls were chosen by people,
often because something looked wrong, and have no probability: they are counted apart and enter no figure.
"""
