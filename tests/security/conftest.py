"""The stage and the browsers that these tests need."""

from tests.stage import stage as stage
from tests.web.conftest import browser as browser
