"""The one place where the stages meet: files in, evidence out, and evidence judged.

::

    files ─ audio ─> Sound ─ speech ─> Segment×n ─ asr ─> Utterance×n ─ roles, turns ─> Turn×n
                                                 ─ measure ─> Measurements ─ probe ─> Probe×n
    Evidence + Rulebook ─ judge ─> Finding×n, Scorecard ─> CallAudit
"""

from __future__ import annotations

from auditor.pipeline.auditing import audit
from auditor.pipeline.hearing import hear
from auditor.pipeline.opening import CallInput, Sound, open_call
from auditor.pipeline.voices import speaker_embedder

__all__ = ["CallInput", "Sound", "audit", "hear", "open_call", "speaker_embedder"]
