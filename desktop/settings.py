"""The settings of one run: one frozen object from a TOML file, the environment and the command line.

The command line wins over QINGSHAO_... variables, and these over the file. The file is
`qingshao.toml` in the user's configuration folder, or the one named by --config.
"""

import os
import sys
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import platformdirs
from pydantic import Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from desktop.errors import WorldError

NAME = "qingshao"


def default_data_folder() -> Path:
    """The user's data folder. As root it is /var/lib/qingshao: the embedded server runs as a user of its own
    and must be let through every parent folder, which no home should be opened for.
    """
    if sys.platform == "linux" and os.geteuid() == 0:
        return Path("/var/lib") / NAME
    return Path(platformdirs.user_data_dir(NAME, appauthor=False))


def default_config_file() -> Path:
    return Path(platformdirs.user_config_dir(NAME, appauthor=False)) / "qingshao.toml"


def split_address(text: str) -> tuple[str, int]:
    """Return host and port of "HOST:PORT", "[::1]:PORT" or "PORT"; the host "" is every address.

    Raises:
        ValueError: it is none of these.
    """
    host, _, port = text.strip().rpartition(":")
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise ValueError(f"no address of the form HOST:PORT: {text!r}")
    return host.strip("[]"), int(port)


def default_servers_file() -> Path:
    return default_config_file().with_name("servers.json")


class Settings(BaseSettings):
    """What a run is told from outside. `zone` is the city's time zone, in which times are read and shown.

    `servers` is the file of the seat's saved servers. `lock_after_minutes` without any input lock the seat; 0
    is never, None what is right for the store: 15 at a named server, never in a trial.

    `hj212` is where devices are listened to, "HOST:PORT" or a port of all addresses; None: nowhere.
    `hj212_connections` at once at the most; values older than `hj212_back_days` are not taken.
    `keep_real_time_days`, `keep_minute_days` and `keep_hour_days` say how long readings are kept as they came
    before they are rolled up to hours, and these dropped; 0 is for ever.

    `inbox` is the folder of sources that `collect` takes in, one folder in it a source; None: none.

    `sound`: whether this seat's alarm is heard; it is seen in any case. After `sound_red_seconds` or
    `sound_yellow_seconds` a tone comes again (IEC 60601-1-8 has 2.5 to 15 s and 2.5 to 30 s between the
    bursts of an alarm of high and of medium priority); a press silences it for `silence_minutes`.
    """

    model_config = SettingsConfigDict(env_prefix="QINGSHAO_", frozen=True, extra="forbid")

    data: Path = Field(default_factory=default_data_folder)
    database_url: str | None = None
    zone: str = "Asia/Shanghai"
    servers: Path = Field(default_factory=default_servers_file)
    lock_after_minutes: int | None = Field(default=None, ge=0, le=24 * 60)
    hj212: str | None = None
    hj212_connections: int = Field(default=5000, ge=1, le=100_000)
    hj212_back_days: int = Field(default=400, ge=1)
    keep_real_time_days: int = Field(default=62, ge=0)
    keep_minute_days: int = Field(default=400, ge=0)
    keep_hour_days: int = Field(default=0, ge=0)
    inbox: Path | None = None
    sound: bool = True
    sound_red_seconds: int = Field(default=8, ge=3, le=60)
    sound_yellow_seconds: int = Field(default=30, ge=5, le=600)
    silence_minutes: int = Field(default=10, ge=1, le=30)
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator("inbox", mode="before")
    @classmethod
    def _empty_is_no_folder(cls, value: object) -> object:
        return value or None

    @field_validator("data", "servers", "inbox")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        if value is None:
            return None
        try:
            return value.expanduser().absolute()
        except RuntimeError as unknown:
            raise ValueError(f"nobody's home is {value.parts[0]!r}") from unknown

    @field_validator("database_url")
    @classmethod
    def _empty_is_none(cls, value: str | None) -> str | None:
        return value or None

    @field_validator("hj212")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        if value:
            split_address(value)
        return value or None

    @field_validator("zone")
    @classmethod
    def _known_zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (KeyError, ValueError, OSError) as unknown:
            raise ValueError(f"no time zone of the name {value!r}") from unknown
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is pydantic's
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)

    @property
    def city_zone(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def log_file(self) -> Path:
        return self.data / "log" / "qingshao.log"


def load(config: Path | None = None, data: Path | None = None) -> Settings:
    """Read the settings. WorldError when the file is missing, unreadable or says something unknown."""
    if config is not None and not config.is_file():
        raise WorldError(f"There is no settings file {config}.", "Check the path after --config.")
    file = config or default_config_file()

    class FromFile(Settings):
        # pydantic-settings is told the file by the class only.
        model_config = SettingsConfigDict(toml_file=file)

    try:
        return FromFile(**({} if data is None else {"data": data}))
    except ValidationError as invalid:
        first = invalid.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise WorldError(
            f"The setting {where!r} cannot be used: {first['msg']}.",
            f"Check {file} and the variable QINGSHAO_{where.upper()}.",
        ) from invalid
    except (SettingsError, ValueError, OSError) as unreadable:
        raise WorldError(f"The settings file cannot be read: {unreadable}.", f"Check {file}.") from unreadable
