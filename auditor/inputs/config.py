"""Settings (``auditor.toml``): flag over environment over file over default.

Example::

    model = "medium"                  # a name or a path; default: the checkpoint that ships
    model_folders = ["/srv/models"]
    rulebook = "our_centre.yaml"
    time_zone = "Asia/Shanghai"       # for times in call records that carry no zone
    speaker_model = "mfcc"            # mono: mfcc | resemblyzer | whisper | an .onnx file
    max_duration_h = 4
    threads = 2
    file_names = ["{date}_{time}_{agent}_{caller}"]  # of recordings, see `auditor.batch.file_names`

    [batch]
    workers = 2                       # processes; default: by cores and the size of the model
    call_timeout_s = 300              # a call that takes longer than this,
    call_timeout_per_audio_s = 60     # and this for every second of its audio, hangs
    start_timeout_s = 900             # for starting a process and loading the model

    [site]                            # `auditor serve`
    session_h = 12                    # a sign-in lasts this long at most,
    idle_h = 2                        # and this long unused
    audio_cache_mb = 1000             # disk for recordings made playable or read from object stores

    [site.openid]                     # sign in through a provider; the secret: AUDITOR_OPENID_SECRET
    issuer = "https://login.example.com/realms/centre"
    client_id = "auditor"
    claim = "preferred_username"      # which claim is the account's name
    label = "统一认证登录"             # what the button says

    [columns]                         # of manifests: a field and the heading that it has in your tables
    audio = "录音地址"

    [recorder]                        # `auditor doctor FOLDER` finds these; leave out what is not known
    agent_channel = "left"            # left | right | mono
    starts = "at_answer"              # at_answer | before_answer
    busy_tone_heard_by = "agent"      # agent | customer: of mono recordings
    liveness = false                  # may a leg that falls silent for good show who hung up
    announcements = ["欢迎致电中国移动"]  # the exchange's words, in the rulebook's phrase grammar

What each key of ``[recorder]`` means stands at `auditor.records.RecorderProfile`.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import fields
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from auditor.errors import UsageError
from auditor.inputs.call_record import DEFAULT_ZONE
from auditor.inputs.files import read_text, unknown_key
from auditor.records import RecorderProfile

CONFIG_NAME = "auditor.toml"


class BatchSettings(BaseModel):
    """What `auditor batch` allows itself and its calls. Limits are generous [O]."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    workers: int | None = Field(default=None, ge=1)
    call_timeout_s: float = Field(default=300.0, gt=0)
    call_timeout_per_audio_s: float = Field(default=60.0, ge=0)
    start_timeout_s: float = Field(default=900.0, gt=0)


class OpenIdSettings(BaseModel):
    """An OpenID Connect provider; its secret stands in AUDITOR_OPENID_SECRET, never in a file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: str = Field(pattern=r"^https?://")
    client_id: str
    claim: str = "preferred_username"
    label: str = "统一认证登录"


class SiteSettings(BaseModel):
    """What the site allows itself and whoever signs in [O]."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    session_h: float = Field(default=12.0, gt=0, le=24 * 31)
    idle_h: float = Field(default=2.0, gt=0)
    audio_cache_mb: float = Field(default=1000.0, ge=0)
    openid: OpenIdSettings | None = None


class ReviewSettings(BaseModel):
    """Review and appeal: days to appeal in, and how a week's calls are drawn [O]."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    appeal_days: float = Field(default=7.0, gt=0)
    calls_per_week: int = Field(default=5, ge=1, le=100)
    random_share: float = Field(default=0.4, gt=0, le=1)


class Settings(BaseModel):
    """What a centre sets once. Relative paths count from the settings file."""

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    model: str | None = None
    model_folders: tuple[Path, ...] = ()
    rulebook: Path | None = None
    time_zone: str = DEFAULT_ZONE
    speaker_model: str = "mfcc"
    max_duration_h: float = Field(default=4.0, gt=0, le=24)
    threads: int | None = Field(default=None, ge=1)
    file_names: tuple[str, ...] = ()
    columns: dict[str, str] = Field(default_factory=dict)
    recorder: RecorderProfile = RecorderProfile()
    batch: BatchSettings = BatchSettings()
    review: ReviewSettings = ReviewSettings()
    site: SiteSettings = SiteSettings()

    @field_validator("time_zone")
    @classmethod
    def _zone_exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"there is no time zone {value!r}") from None
        return value


def load_settings(path: Path | None = None) -> Settings:
    """Settings from ``path``, else from ``auditor.toml`` in the current folder, else the defaults.

    The environment (AUDITOR_MODEL, AUDITOR_MODELS) overrides the file.

    Raises:
        UsageError: the file is missing, is not TOML, has an unknown key or a wrong value.
    """
    file = path or Path(CONFIG_NAME)
    values: dict[str, object] = {}
    if path is not None or file.is_file():
        values = _read(file)
    if model := os.environ.get("AUDITOR_MODEL"):
        values["model"] = model
    if folders := os.environ.get("AUDITOR_MODELS"):
        values["model_folders"] = [Path(folder) for folder in folders.split(os.pathsep) if folder]
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{file}: {key!r} is wrong: {first['msg']}.") from None


def _read(file: Path) -> dict[str, object]:
    try:
        values: dict[str, object] = tomllib.loads(read_text(file, what="settings file"))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: not valid TOML: {error}.") from None
    known = [field.name for field in fields(RecorderProfile)]
    for key in values:
        if key in known:
            raise UsageError(f"{file}: {key!r} says something about the recorder; write it under [recorder].")
        if key not in Settings.model_fields:
            raise unknown_key(file, key, Settings.model_fields)
    if isinstance(recorder := values.get("recorder"), dict):
        for key in recorder:
            if key not in known:
                raise unknown_key(file, key, known, where="[recorder]")
    base = file.resolve().parent
    if isinstance(values.get("rulebook"), str):
        values["rulebook"] = base / str(values["rulebook"])
    if str(values.get("speaker_model", "")).endswith(".onnx"):
        values["speaker_model"] = str(base / str(values["speaker_model"]))
    if isinstance(folders := values.get("model_folders"), list):
        values["model_folders"] = [base / str(folder) for folder in folders]
    return values
