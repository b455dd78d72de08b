"""What the network is asked to write: Whisper's tokens, the tokens in use, and pinyin for the CTC head."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from pypinyin import Style, lazy_pinyin
from pypinyin.pinyin_dict import pinyin_dict
from whisper.tokenizer import get_tokenizer

from recipe.tables import FOREIGN
from recipe.texts import alphabet, strip

if TYPE_CHECKING:
    from collections.abc import Sequence

IGNORE = -100
TICK_S = 0.02
LANGUAGES = 100  # with Cantonese, which vocabularies before large-v3 lack
VOCABULARY = 51_866


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence in a window; ``end_s`` None: the window ends before it does."""

    start_s: float
    end_s: float | None
    text: str


@dataclass(frozen=True, slots=True)
class Target:
    """Decoder input and output, and which positions belong to which stretch of sound.

    ``places[i]`` is the share of the window (0..1) where output token ``i`` is spoken, -1 if nowhere.
    """

    inputs: list[int]
    outputs: list[int]
    places: list[float]


@lru_cache(maxsize=1)
def tokenizer() -> Any:
    """Whisper's multilingual tokenizer, Mandarin, transcription."""
    return get_tokenizer(True, num_languages=LANGUAGES, language="zh", task="transcribe")


@lru_cache(maxsize=1)
def used_tokens() -> tuple[int, ...]:
    """Tokens that training reads or asks for, sorted: all others are pushed away when a model is saved."""
    book = tokenizer()
    used = {book.eot, book.no_speech, *book.sot_sequence, book.no_timestamps, book.sot_prev}
    used |= {book.to_language_token(code) for code in FOREIGN}
    used |= set(range(book.timestamp_begin, book.timestamp_begin + 1501))
    for char in alphabet() + "0123456789,。?!、":
        used |= set(book.encode(char))
    common = set(alphabet())
    for token in range(book.eot):  # whole words of common characters: 我们, 谢谢
        text = book.decode([token])
        if text and common.issuperset(text):
            used.add(token)
    return tuple(sorted(used))


@lru_cache(maxsize=100_000)
def encode(text: str) -> tuple[int, ...]:
    """Tokens of a text: digits one by one, so that long numbers need no table of digit groups."""
    book = tokenizer()
    allowed = _used_set()
    tokens: list[int] = []
    for part in _split_digits(text):
        whole = book.encode(part)
        tokens += whole if allowed.issuperset(whole) else [t for char in part for t in book.encode(char)]
    return tuple(tokens)


def is_writable(text: str) -> bool:
    """Whether the tokens in use can write a text."""
    return _used_set().issuperset(encode(text))


def speech_target(
    segments: Sequence[Segment], *, context_s: float, timestamps: bool, previous: Sequence[int] = ()
) -> Target:
    """What to write for speech; ``previous`` are the tokens of a text said before."""
    book = tokenizer()
    start = [*([book.sot_prev, *previous] if previous else []), *book.sot_sequence]
    if not timestamps:
        start.append(book.no_timestamps)
    body: list[int] = []
    places: list[float] = []
    for segment in segments:
        end_s = segment.end_s
        if timestamps:
            body.append(book.timestamp_begin + round(segment.start_s / TICK_S))
            places.append(-1.0)
        if end_s is None:
            break
        tokens = encode(segment.text)
        body += tokens
        span = end_s - segment.start_s
        places += [(segment.start_s + span * (i + 0.5) / len(tokens)) / context_s for i in range(len(tokens))]
        if timestamps:
            body.append(book.timestamp_begin + round(end_s / TICK_S))
            places.append(-1.0)
    body.append(book.eot)
    places.append(-1.0)
    first = start.index(book.sot)
    outputs = [IGNORE] * first + start[first + 1 :] + body
    if not timestamps:
        outputs[len(start) - 2] = IGNORE  # whether to write timestamps is the caller's choice
    return Target([*start, *body[:-1]], outputs, [-1.0] * (len(start) - 1) + places)


def other_target(*, language: str | None, timestamps: bool = False) -> Target:
    """Another language: its token only. No speech: its token, then the emptiest text that can be written.

    Decoders forbid the end as the first token (``suppress_blank``), so an empty text is a full stop,
    or with timestamps the first of them.
    """
    book = tokenizer()
    start = [*book.sot_sequence, book.no_timestamps]
    if language is not None:
        outputs = [book.to_language_token(language), IGNORE, IGNORE, IGNORE]
        return Target(start, outputs, [-1.0] * 4)
    if timestamps:
        body = [book.timestamp_begin, book.eot]
        return Target([*book.sot_sequence, body[0]], [book.no_speech, IGNORE, *body], [-1.0] * 4)
    body = [*encode("。"), book.eot]
    outputs = [book.no_speech, IGNORE, IGNORE, *body]
    return Target([*start, *body[:-1]], outputs, [-1.0] * len(outputs))


@lru_cache(maxsize=1)
def syllables() -> dict[str, int]:
    """Toned syllables and digits to CTC classes 1..n (0 is the blank)."""
    heard = {s for char in alphabet() for s in _pinyin(char)}
    for char in alphabet():
        for reading in pinyin_dict[ord(char)].split(","):
            heard |= set(_tone3(reading))
    return {name: index for index, name in enumerate(sorted(heard), start=1)}


def ctc_labels(text: str) -> list[int]:
    """CTC classes of a text as it is spoken (no digits)."""
    table = syllables()
    return [table[s] for s in _pinyin(strip(text)) if s in table]


def _pinyin(text: str) -> list[str]:
    return lazy_pinyin(text, style=Style.TONE3, neutral_tone_with_five=True, errors="ignore")


def _tone3(reading: str) -> list[str]:
    from pypinyin.contrib.tone_convert import to_tone3  # noqa: PLC0415

    return [to_tone3(reading, neutral_tone_with_five=True)]


def _split_digits(text: str) -> list[str]:
    parts = [""]
    for char in text:
        if char.isdigit():
            parts += [char, ""]
        else:
            parts[-1] += char
    return [part for part in parts if part]


@lru_cache(maxsize=1)
def _used_set() -> frozenset[int]:
    return frozenset(used_tokens())
