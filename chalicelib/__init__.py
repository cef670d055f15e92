"""Pythagoras Helpdesk: a help desk on AWS Lambda, DynamoDB, S3 and SES."""
