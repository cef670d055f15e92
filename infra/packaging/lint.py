"""`python -m infra.packaging.lint`: checks the merged template, as written and as the SAM transform expands it.

cfn-lint reads a SAM template without expanding it, and the expanded one shows neither Globals nor events: each form
has faults that only its own check finds. Nothing is downloaded, since the requirements do not reach the template.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from cfnlint.api import ManualArgs, lint_file  # type: ignore[import-untyped]

from infra.packaging import chalice_command, sources, template
from infra.packaging.build import ROOT
from infra.packaging.refusal import NotPackaged
from infra.packaging.template import REGION


def findings(folder: Path) -> list[str]:
    """What cfn-lint says of both forms of the template, which are left in `folder`. Raises NotPackaged."""
    project = sources.copy(ROOT, folder / "project")
    (project / "requirements.txt").write_text("", encoding="utf-8")
    made = chalice_command.package(project, folder / "made")
    written = folder / "template.yaml"
    template.write(made.template, written, code=Path("helpdesk.zip"))
    expanded = folder / "expanded.json"
    expanded.write_text(json.dumps(template.expanded(written, "artefacts", "helpdesk.zip")), encoding="utf-8")
    return [str(match) for form in (written, expanded) for match in lint_file(form, ManualArgs(regions=[REGION]))]


def main() -> int:
    try:
        with TemporaryDirectory(prefix="helpdesk-lint-") as folder:
            found = findings(Path(folder))
    except NotPackaged as refusal:
        found = [str(refusal)]
    for finding in found:
        print(finding)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
