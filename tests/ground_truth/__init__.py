"""Calls whose truth is known to the sample: made from human words, espeak-ng and synthesised sounds.

Import from any test or benchmark (``tests/`` is on the path, by ``tests/conftest.py``; a benchmark adds it
itself)::

    from ground_truth import coding, line, scenes

    call = scenes.conversation(7, duration_s=60)            # two legs at 8 kHz, and `call.truth`
    call = line.add_noise(call, snr_db=15, kind="pink")     # every effect is recorded in the truth
    call = line.crosstalk(call, gain_db=-30, into="agent")
    call = coding.through(call, "alaw")                     # encoded and decoded, delay removed
    channels = call.channels()                              # what `auditor.speech` and `measure` take
    want = call.truth.segments("agent")                     # spans of speech, gaps < 0.3 s closed
    written = coding.write(call, tmp_path, codec="mp3", layout="stereo")    # real files, truth beside

Modules, each of which says what it offers:

* `shared_audio`: the human takes and espeak-ng, with the skip marks for tests that need them.
* `speakers`: who speaks (`Speaker`) and `say`: words as a `Clip`.
* `sounds`: tones, music, clicks, coughs, noises as a `Clip` or an array.
* `legs`: `Placed`, `build` and the records `Call`, `Truth`, `Spoken`, `Sounded`.
* `line`: what the network and the recorder do to a call.
* `coding`: real encoders and files.
* `scenes`: random calls from a seed.

Times are seconds from the first sample, levels dBov (0 = full-scale square wave; of speech: RMS over its
active spans, broad band at the call's rate), gains dB. Everything follows from its seed alone.
"""
