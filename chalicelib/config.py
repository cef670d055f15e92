"""The settings of the desk: a frozen record, and the only place that reads the environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from os import environ
from zoneinfo import ZoneInfo


class SettingMissing(RuntimeError):
    """A variable the desk cannot run without is not set; the message names it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between installations. Durations are whole seconds unless the name says otherwise."""

    base_url: str
    signing_key: str
    mail_from: str
    desk_name: str
    zone: ZoneInfo
    tickets_table: str
    history_table: str
    directory_table: str
    counters_table: str
    files_table: str
    expiring_table: str
    files_bucket: str
    mail_queue_url: str
    mail_configuration_set: str
    region: str
    admin_email: str
    read_threads: int
    malware_scan: bool

    @property
    def secure(self) -> bool:
        """True where the desk is served over HTTPS, so that cookies may carry the `__Host-` prefix."""
        return self.base_url.startswith("https://")


def read(env: Mapping[str, str]) -> Settings:
    """The settings described by `env`. Raises SettingMissing."""

    def need(name: str) -> str:
        value = env.get(name, "").strip()
        if not value:
            raise SettingMissing(f"the environment variable {name} is not set")
        return value

    return Settings(
        base_url=need("BASE_URL").rstrip("/"),
        signing_key=need("SIGNING_KEY"),
        mail_from=need("MAIL_FROM"),
        desk_name=env.get("DESK_NAME") or "Pythagoras Helpdesk",
        zone=ZoneInfo(env.get("DESK_ZONE") or "Europe/Prague"),
        tickets_table=need("TICKETS_TABLE"),
        history_table=need("HISTORY_TABLE"),
        directory_table=need("DIRECTORY_TABLE"),
        counters_table=need("COUNTERS_TABLE"),
        files_table=need("FILES_TABLE"),
        expiring_table=need("EXPIRING_TABLE"),
        files_bucket=need("FILES_BUCKET"),
        mail_queue_url=need("MAIL_QUEUE_URL"),
        mail_configuration_set=env.get("MAIL_CONFIGURATION_SET", ""),
        region=env.get("AWS_REGION") or env.get("AWS_DEFAULT_REGION") or "eu-central-1",
        admin_email=env.get("ADMIN_EMAIL", "").strip().lower(),
        read_threads=int(env.get("READ_THREADS") or "8"),
        malware_scan=_malware_scan(env.get("MALWARE_SCAN") or "off"),
    )


def _malware_scan(value: str) -> bool:
    if value not in ("off", "guardduty"):
        raise SettingMissing(f"MALWARE_SCAN is {value!r}; it can be off or guardduty")
    return value == "guardduty"


@cache
def settings() -> Settings:
    """The settings of this process, read once."""
    return read(environ)
