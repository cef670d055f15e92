"""The stage that these tests play on."""

from tests.stage import stage as stage
from tests.stage import stopped as stopped
