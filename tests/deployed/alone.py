"""Run by test_package.py without site-packages: uses what the package was trimmed to, from one folder alone."""

import json
import sys
import zoneinfo
from datetime import datetime


def main(folder: str, services: list[str]) -> None:
    sys.path.insert(0, folder)
    import boto3
    from babel import dates, numbers

    import app  # noqa: F401

    session = boto3.Session("-", "-", region_name="eu-central-1")
    for service in services:
        session.client(service)  # type: ignore[call-overload]
    zoneinfo.reset_tzpath([])  # Lambda has no zones of its own
    day = datetime(2026, 3, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Prague"))
    words = [
        f"{dates.format_date(day, 'long', locale)}, {numbers.format_decimal(1234.5, locale=locale)}"
        for locale in ("cs", "en", "en_GB")
    ]
    files = [sys.modules[name].__file__ for name in ("app", "babel", "botocore", "msgspec", "jinja2")]
    json.dump({"words": words, "files": files}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
