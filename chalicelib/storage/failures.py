"""What goes wrong below storage when AWS does not answer as it should; the web layer answers 503 for these."""

from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.exceptions import PynamoDBException

DEPENDENCY_FAILURES = (BotoCoreError, ClientError, PynamoDBException)
