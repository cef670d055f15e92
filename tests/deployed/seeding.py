"""Run as a process with the settings of a deployed function: puts the project WEB and its people into its tables."""

from chalicelib.domain.projects import Form, Project
from chalicelib.storage import bulk
from tests.cast import ALICE, BOB, EVA, WEB

if __name__ == "__main__":
    bulk.write(bulk.directory_rows([Project(WEB, "Web", Form.OPEN, "cs")], [ALICE, BOB, EVA]))
