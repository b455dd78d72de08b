"""The one place where the stages meet: files in, evidence out, and evidence judged.

::

    open_call:  files ─ audio ─> Sound
    listen:     Sound ─ tones, speech, measure ─> Listened (segments, events, legs)      needs no words
    hear:       Listened ─ asr ─> Utterance×n ─ roles, turns ─> Turn×n ─ probe ─> Probe×n
                                                            ─ measure ─> Measurements ─> Evidence
    audit:      Evidence + Rulebook ─ judge ─> Finding×n, Scorecard ─> CallAudit
"""

from __future__ import annotations

from auditor.pipeline.auditing import audit
from auditor.pipeline.hearing import hear
from auditor.pipeline.listening import Listened, listen
from auditor.pipeline.opening import CallInput, Sound, open_call
from auditor.pipeline.voices import speaker_embedder

__all__ = ["CallInput", "Listened", "Sound", "audit", "hear", "listen", "open_call", "speaker_embedder"]
