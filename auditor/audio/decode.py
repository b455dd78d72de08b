"""Any recording to samples: whatever container and codec PyAV reads, in blocks.

Conventions
    * Samples come out as float32 in -1..1 (0 dBov = full-scale square wave), one array per channel
      of the file, at 8000 Hz when the file's rate is at most 8000 Hz, else at 16000 Hz. A file at
      8000 Hz is not touched: idle codes survive bit by bit.
    * The time axis is kept: a damaged stretch becomes silence of its own length where the container
      says how long it was, so that everything behind it keeps its seconds.
    * Rates under 4000 Hz are refused: half of the telephone band (300-3400 Hz) is missing, so
      neither words nor levels could be trusted.

Warnings (codes)
    truncated: the header promises more audio than there is · unfinished_header: the length in the
    header is a placeholder, everything was read · clipped: flat tops at the signal's own ceiling ·
    not_finite: NaN or infinity in a float file, read as 0 · damaged: some packets could not be
    decoded · extra_channels: the file has more audio tracks than the one that was read.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import av
import numpy as np

from auditor.audio.clipping import Tops, count_tops, is_clipped
from auditor.audio.files import at_hand
from auditor.audio.legs import MEMORY_BYTES, Block, LegWriter, working_rate_hz
from auditor.audio.packets import Damage, best_audio, blocks_of
from auditor.audio.raw import SAMPLE_CODECS, RawFormat, demuxer_of, parse_raw
from auditor.audio.riff import WavHeader, read_wav_header
from auditor.errors import InputError
from auditor.inputs.storage import File
from auditor.signal import Channel

__all__ = ["DecodeLimits", "Decoded", "RawFormat", "decode", "parse_raw"]

LOWEST_RATE_HZ = 4000
HIGHEST_RATE_HZ = 768_000
MOST_CHANNELS = 16
# Containers whose header states the exact length of the audio (MP3 and ADTS only estimate it).
EXACT_LENGTH = {"flac", "mov", "mp4", "m4a", "aiff", "au", "caf", "w64"}
LENGTH_TOLERANCE_S = 0.5
HEADER_WARNINGS = {
    "truncated": {"truncated"},
    "unfinished": {"unfinished_header"},
    "too_short": {"unfinished_header"},
}


@dataclass(frozen=True, slots=True)
class DecodeLimits:
    """What one recording may cost.

    Attributes:
        max_duration_s: longest recording accepted.
        max_decoded_bytes: most bytes of decoded samples (4 per sample and channel); the default
            holds 4 h of two legs at 16 kHz.
        memory_bytes: decoded samples beyond this go to unnamed temporary files.
    """

    max_duration_s: float = 4 * 3600
    max_decoded_bytes: int = 2 * 1024**3
    memory_bytes: int = MEMORY_BYTES


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """One decoded file. ``sample_rate_hz`` is the file's own rate, not the channels'."""

    path: File
    sha256: str
    codec: str
    sample_rate_hz: int
    channels: tuple[Channel, ...]
    duration_s: float
    warnings: tuple[str, ...]


def decode(path: File, *, raw: RawFormat | None = None, limits: DecodeLimits = DecodeLimits()) -> Decoded:
    """Decode one file.

    Args:
        path: the recording, here or in an object store; of a video the (first, best) audio track is used.
        raw: format of a headerless file; None lets the file speak for itself.
        limits: refuse what is longer or larger.

    Raises:
        InputError: the file is missing, empty, not audio, holds no sound, cannot be decoded, or is
            over a limit.
    """
    with at_hand(path) as (here, digest):
        header = None if raw else read_wav_header(here)
        if header and header.state == "empty":
            raise InputError(f"{path} holds no audio (its data chunk is empty); export the recording again.")
        with _open(here, path=path, raw=raw, header=header) as container:
            return _decode_container(container, path=path, sha256=digest, header=header, limits=limits)


def _open(
    here: Path, *, path: File, raw: RawFormat | None, header: WavHeader | None
) -> av.container.InputContainer:
    """Open the file for demuxing, by the name ``path``; only local files can be reached through it."""
    # Play lists could name other addresses; a large packet makes PCM cheap to read.
    options = {"protocol_whitelist": "file", "max_size": str(2**18)}
    demuxer = None
    if raw:
        demuxer, extra = demuxer_of(raw)
        options |= extra
    if header and header.state == "too_short":
        options["ignore_length"] = "1"
    try:
        container = av.open(
            f"file:{here.absolute()}", format=demuxer, options=options, metadata_errors="replace"
        )
    except (av.FFmpegError, OSError, ValueError):
        raise InputError(
            f"{path} is not a recording that can be read (damaged, incomplete, or no audio file at all); "
            "export it again as WAV, or give --raw if it has no header."
        ) from None
    if raw is None and container.format.name in SAMPLE_CODECS.values():
        # Chosen by the file's ending alone, with a rate that is a guess.
        container.close()
        raise InputError(f"{path} has no header; say what it holds, for example --raw alaw:8000:2.")
    return container


def _decode_container(
    container: av.container.InputContainer,
    *,
    path: File,
    sha256: str,
    header: WavHeader | None,
    limits: DecodeLimits,
) -> Decoded:
    """Decode an open container."""
    stream = best_audio(container)
    if stream is None:
        raise InputError(f"{path} has no audio track; name the recording of the call.")
    if stream.codec_context is None:
        tag = f" (WAV format 0x{header.format_tag:04X})" if header and header.format_tag else ""
        raise InputError(f"{path} uses a codec that cannot be decoded here{tag}; convert it to WAV PCM.")
    stated_s = container.duration / av.time_base if container.duration else 0.0
    # A header's length is often an estimate, so only a gross excess is refused on its word.
    _check_limits(stated_s / 2, size=0, path=path, limits=limits)
    damage = Damage()
    blocks = blocks_of(container, stream=stream, damage=damage)
    first = next(blocks, None)
    if first is None:
        raise InputError(_nothing_decoded(path, damage=damage))
    rate_hz, legs = first[1], first[0].shape[1]
    _check_shape(rate_hz, legs, path=path)
    with LegWriter(legs=legs, rate_hz=working_rate_hz(rate_hz), memory_bytes=limits.memory_bytes) as writer:
        warnings = _fill(writer, chain([first], blocks), path=path, limits=limits)
        samples = writer.finish()
    duration_s = len(samples[0]) / writer.rate_hz
    if duration_s == 0:
        raise InputError(_nothing_decoded(path, damage=damage))
    if damage.packets:
        warnings.add("damaged")
    if len(container.streams.audio) > 1:
        warnings.add("extra_channels")
    exact = EXACT_LENGTH & set(container.format.name.split(","))
    if exact and _stated_length_s(stream) > duration_s + LENGTH_TOLERANCE_S:
        warnings.add("truncated")
    if header:
        warnings |= HEADER_WARNINGS.get(header.state, set())
    return Decoded(
        path=path,
        sha256=sha256,
        codec=stream.codec_context.name.removesuffix("float"),
        sample_rate_hz=rate_hz,
        channels=tuple(Channel(leg, samples[leg], writer.rate_hz) for leg in range(legs)),
        duration_s=duration_s,
        warnings=tuple(sorted(warnings)),
    )


def _fill(
    writer: LegWriter, blocks: Iterable[tuple[Block, int]], *, path: File, limits: DecodeLimits
) -> set[str]:
    """Write every block, cleaned, within the limits; returns not_finite and clipped where they apply."""
    warnings: set[str] = set()
    tops: list[list[Tops]] = [[] for _ in range(writer.legs)]
    try:
        for block, rate_hz in blocks:
            finite = np.isfinite(block)
            if not finite.all():
                block[~finite] = 0
                warnings.add("not_finite")
            np.clip(block, -1, 1, out=block)
            for leg, found in enumerate(tops):
                found.append(count_tops(block[:, leg], rate_hz=rate_hz))
            writer.write(block, rate_hz=rate_hz)
            _check_limits(
                writer.written / writer.rate_hz,
                size=writer.written * writer.legs * 4,
                path=path,
                limits=limits,
            )
    except OSError as error:
        raise InputError(
            f"{path} needs more temporary disk space ({error.strerror}); free some, or set TMPDIR."
        ) from None
    if any(is_clipped(found) for found in tops):
        warnings.add("clipped")
    return warnings


def _check_shape(rate_hz: int, legs: int, *, path: File) -> None:
    """Refuse rates and channel counts that no recording of a call has."""
    if legs > MOST_CHANNELS:
        raise InputError(f"{path} claims {legs} channels; its header is wrong, export it again.")
    if rate_hz < LOWEST_RATE_HZ:
        raise InputError(
            f"{path} is sampled at {rate_hz} Hz, which cannot hold telephone speech; "
            "export the call at 8000 Hz or more."
        )
    if rate_hz > HIGHEST_RATE_HZ:
        raise InputError(f"{path} claims {rate_hz} samples a second; its header is wrong, export it again.")


def _check_limits(duration_s: float, *, size: int, path: File, limits: DecodeLimits) -> None:
    if duration_s > limits.max_duration_s:
        raise InputError(
            f"{path} is longer than the limit of {limits.max_duration_s / 3600:g} h; "
            "split it, or raise max_duration_h."
        )
    if size > limits.max_decoded_bytes:
        raise InputError(
            f"{path} decodes to more than the limit of {limits.max_decoded_bytes / 1e6:.0f} MB; "
            "split it, or export it at 8000 Hz."
        )


def _stated_length_s(stream: av.AudioStream) -> float:
    """What the container says about the track's length; 0 when it says nothing."""
    return float(stream.duration * stream.time_base) if stream.duration and stream.time_base else 0.0


def _nothing_decoded(path: File, *, damage: Damage) -> str:
    if damage.packets:
        return (
            f"{path} holds audio of which nothing can be decoded (damaged or mislabelled); export it again."
        )
    return f"{path} holds no audio (0 samples); export the recording again."
