"""`python -m infra.packaging`: makes the package in `dist/` and prints what came out."""

import sys

from infra.packaging.build import DIST, build
from infra.packaging.refusal import NotPackaged


def main() -> int:
    try:
        package = build(DIST)
    except NotPackaged as refusal:
        print(f"Not packaged: {refusal}", file=sys.stderr)
        return 1
    print(package.summary())
    return 0


if __name__ == "__main__":
    sys.exit(main())
