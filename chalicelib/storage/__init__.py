"""Where the desk keeps things: DynamoDB through PynamoDB, files in S3. Models and clients never leave this package."""
