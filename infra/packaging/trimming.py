"""What is left out of the package, as rows: a pattern, and which of its matches stay.

botocore describes every service of AWS and Babel every locale; together they are nine tenths of the unpacked size.
Of each `dist-info` the metadata stays for vulnerability scanners, which know packages by it, and the licences.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SERVICES = "dynamodb|s3|sesv2|sqs|sts"
LOCALES = "root|cs|cs_CZ|en|en_001|en_150|en_GB|en_US"


@dataclass(frozen=True, slots=True)
class Row:
    """Whatever `pattern` matches goes, except where its name is matched by `but` as a whole."""

    pattern: str
    but: str = ""

    def matches(self, tree: Path) -> Iterator[Path]:
        keep = re.compile(self.but)
        return (path for path in tree.glob(self.pattern) if not keep.fullmatch(path.name))


ROWS = (
    Row("botocore/data/*/", but=SERVICES),
    Row("botocore/data/*/*/examples-1.json"),
    Row("boto3/data/*/", but=SERVICES),
    Row("boto3/examples"),
    Row("babel/locale-data/*", but=rf"({LOCALES})\.dat"),
    Row("aws_lambda_powertools/event_handler"),
    Row("aws_lambda_powertools/utilities/*/", but="batch|data_classes|jmespath_utils|typing"),
    Row("*.dist-info/*", but="METADATA|NOTICE|licenses|LICEN[CS]E.*"),
    Row("*.data"),
    Row("**/*.py[cod]"),
    Row("**/*.py[ix]"),
    Row("**/*.[ch]"),
    Row("**/py.typed"),
    Row("**/tests"),
)


def trim(tree: Path) -> None:
    """Remove from the unpacked package what no function reads."""
    for row in ROWS:
        for path in list(row.matches(tree)):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
