"""What the template asks of AWS, as CloudFormation reads it after the SAM transform."""

from pathlib import Path
from typing import Any

import pytest

from chalicelib import config
from infra.packaging import lint, template
from infra.packaging.build import Package

FUNCTIONS = {"APIHandler", "DeliverEvents", "SendMail", "TakeMailEvents", "Sweep", "Hourly"}


@pytest.fixture(scope="module")
def resources(package: Package) -> dict[str, Any]:
    found: dict[str, Any] = template.expanded(package.template, "artefacts", "helpdesk.zip")["Resources"]
    return found


def of_type(resources: dict[str, Any], kind: str) -> dict[str, Any]:
    return {name: each["Properties"] for name, each in resources.items() if each["Type"] == kind}


def statements(resources: dict[str, Any]) -> list[dict[str, Any]]:
    roles = of_type(resources, "AWS::IAM::Role").values()
    return [each for role in roles for policy in role["Policies"] for each in policy["PolicyDocument"]["Statement"]]


def test_cfn_lint_finds_nothing_before_and_after_the_transform(tmp_path: Path) -> None:
    assert lint.findings(tmp_path) == []


class TestFunctions:
    def test_there_are_six(self, resources: dict[str, Any]) -> None:
        assert of_type(resources, "AWS::Lambda::Function").keys() == FUNCTIONS

    def test_each_gets_every_setting_the_desk_needs(self, resources: dict[str, Any]) -> None:
        for function in of_type(resources, "AWS::Lambda::Function").values():
            names = function["Environment"]["Variables"].keys() - {"DESK_ZONE", "MALWARE_SCAN"}
            config.read(dict.fromkeys(names, "x"))

    def test_none_outlives_api_gateway_nor_the_queue_s_patience(self, resources: dict[str, Any]) -> None:
        functions = of_type(resources, "AWS::Lambda::Function")
        assert functions["APIHandler"]["Timeout"] < 29
        for queue, function in (("MailQueue", "SendMail"), ("MailEventsQueue", "TakeMailEvents")):
            assert resources[queue]["Properties"]["VisibilityTimeout"] >= 6 * functions[function]["Timeout"]

    def test_each_writes_to_a_log_group_that_is_emptied(self, resources: dict[str, Any]) -> None:
        groups = of_type(resources, "AWS::Logs::LogGroup")
        used = {
            each["LoggingConfig"]["LogGroup"]["Ref"] for each in of_type(resources, "AWS::Lambda::Function").values()
        }
        assert used == groups.keys()
        assert {group["RetentionInDays"] for group in groups.values()} == {30}

    def test_each_is_traced(self, resources: dict[str, Any]) -> None:
        functions = of_type(resources, "AWS::Lambda::Function").values()
        assert all(function["TracingConfig"] == {"Mode": "Active"} for function in functions)


class TestRoles:
    def test_each_function_has_one_of_its_own(self, resources: dict[str, Any]) -> None:
        roles = [each["Role"]["Fn::GetAtt"][0] for each in of_type(resources, "AWS::Lambda::Function").values()]
        assert sorted(roles) == sorted(of_type(resources, "AWS::IAM::Role").keys() - {"FilesScanRole"})
        assert len(set(roles)) == len(FUNCTIONS)

    def test_none_may_do_whatever_it_likes(self, resources: dict[str, Any]) -> None:
        for statement in statements(resources):
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            assert not [action for action in actions if "*" in action]
            assert statement["Resource"] != "*" or all(action.startswith("xray:") for action in actions)

    def test_mail_goes_out_in_the_name_of_the_desk_only(self, resources: dict[str, Any]) -> None:
        sending = [each for each in statements(resources) if "ses:SendEmail" in each["Action"]]
        assert len(sending) == 4
        assert all(each["Condition"] == {"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}} for each in sending)


class TestSources:
    def test_the_stream_wakes_for_new_events_and_gives_up_in_the_open(self, resources: dict[str, Any]) -> None:
        [stream] = [
            each
            for each in of_type(resources, "AWS::Lambda::EventSourceMapping").values()
            if each["EventSourceArn"] == {"Fn::GetAtt": ["HistoryTable", "StreamArn"]}
        ]
        assert stream["FilterCriteria"] == {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]}
        assert stream["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        assert stream["BisectBatchOnFunctionError"]
        assert stream["MaximumRetryAttempts"] == 3
        assert stream["DestinationConfig"]["OnFailure"] == {"Destination": {"Fn::GetAtt": ["EventsDeadLetters", "Arn"]}}

    @pytest.mark.parametrize("name", ["MailQueue", "MailEventsQueue"])
    def test_a_queue_takes_back_what_failed_only(self, resources: dict[str, Any], name: str) -> None:
        [queue] = [
            each
            for each in of_type(resources, "AWS::Lambda::EventSourceMapping").values()
            if each["EventSourceArn"] == {"Fn::Sub": f"${{{name}.Arn}}"}
        ]
        assert queue["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


class TestMailEvents:
    """SES says what became of the desk's mail, to a topic, which puts it into a queue."""

    def test_mail_is_sent_with_the_set_that_reports_on_it(self, resources: dict[str, Any]) -> None:
        for function in of_type(resources, "AWS::Lambda::Function").values():
            assert function["Environment"]["Variables"]["MAIL_CONFIGURATION_SET"] == {"Ref": "MailConfiguration"}
        [destination] = of_type(resources, "AWS::SES::ConfigurationSetEventDestination").values()
        assert destination["ConfigurationSetName"] == {"Ref": "MailConfiguration"}
        assert destination["EventDestination"] == {
            "Enabled": True,
            "MatchingEventTypes": ["bounce", "complaint", "reject"],
            "SnsDestination": {"TopicARN": {"Ref": "MailEventsTopic"}},
        }

    def test_the_desk_alone_says_whom_it_does_not_mail(self, resources: dict[str, Any]) -> None:
        [configuration] = of_type(resources, "AWS::SES::ConfigurationSet").values()
        assert configuration["SuppressionOptions"] == {"SuppressedReasons": []}

    def test_the_queue_gets_the_event_as_ses_wrote_it(self, resources: dict[str, Any]) -> None:
        [subscription] = of_type(resources, "AWS::SNS::Subscription").values()
        assert subscription["Endpoint"] == {"Fn::GetAtt": ["MailEventsQueue", "Arn"]}
        assert subscription["RawMessageDelivery"]

    def test_nobody_else_may_put_anything_in(self, resources: dict[str, Any]) -> None:
        [publish] = resources["MailEventsTopicPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        assert publish["Principal"] == {"Service": "ses.amazonaws.com"}
        assert publish["Condition"]["StringEquals"].keys() == {"aws:SourceAccount", "aws:SourceArn"}
        [send] = resources["MailEventsQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
        assert send["Principal"] == {"Service": "sns.amazonaws.com"}
        assert send["Condition"] == {"ArnEquals": {"aws:SourceArn": {"Ref": "MailEventsTopic"}}}

    @pytest.mark.parametrize("name", ["MailQueue", "MailEventsQueue"])
    def test_what_fails_five_times_is_kept(self, resources: dict[str, Any], name: str) -> None:
        redrive = resources[name]["Properties"]["RedrivePolicy"]
        assert redrive["maxReceiveCount"] == 5
        kept = resources[redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]]["Properties"]
        assert kept["MessageRetentionPeriod"] == 1209600


class TestApi:
    def test_it_has_one_stage(self, resources: dict[str, Any]) -> None:
        [stage] = of_type(resources, "AWS::ApiGateway::Stage").values()
        assert stage["StageName"] == "api"
        assert stage["TracingEnabled"]

    def test_its_own_refusals_are_problems(self, resources: dict[str, Any]) -> None:
        answers = resources["RestAPI"]["Properties"]["Body"]["x-amazon-apigateway-gateway-responses"]
        assert answers["MISSING_AUTHENTICATION_TOKEN"]["statusCode"] == "404"
        assert {"DEFAULT_4XX", "DEFAULT_5XX"} <= answers.keys()
        kinds = {each["responseParameters"]["gatewayresponse.header.Content-Type"] for each in answers.values()}
        assert kinds == {"'application/problem+json'"}

    def test_its_answers_are_compressed(self, resources: dict[str, Any]) -> None:
        assert resources["RestAPI"]["Properties"]["MinimumCompressionSize"] == 1024


class TestData:
    @pytest.mark.parametrize("name", ["TicketsTable", "HistoryTable", "DirectoryTable", "FilesTable", "FilesBucket"])
    def test_it_outlives_the_stack(self, resources: dict[str, Any], name: str) -> None:
        assert resources[name]["DeletionPolicy"] == resources[name]["UpdateReplacePolicy"] == "Retain"

    def test_files_are_not_spoken_of_in_the_clear(self, resources: dict[str, Any]) -> None:
        [statement] = resources["FilesBucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
        assert statement["Effect"] == "Deny"
        assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}

    def test_uploads_left_unfinished_go_after_a_day(self, resources: dict[str, Any]) -> None:
        rules = resources["FilesBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
        [rule] = [each for each in rules if "AbortIncompleteMultipartUpload" in each]
        assert rule["AbortIncompleteMultipartUpload"] == {"DaysAfterInitiation": 1}

    def test_tables_of_people_are_kept_for_a_day_in_no_version(self, resources: dict[str, Any]) -> None:
        rules = {rule["Id"]: rule for rule in resources["FilesBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]}
        assert rules["imports"]["Prefix"] == "imports/"
        assert rules["imports"]["ExpirationInDays"] == 1
        assert rules["imports"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}

    def test_what_nobody_linked_goes_after_two_days_and_nothing_else_ever(self, resources: dict[str, Any]) -> None:
        rules = resources["FilesBucket"]["Properties"]["LifecycleConfiguration"]["Rules"]
        expiring = [each for each in rules if any("Expir" in name for name in each)]
        assert {each["Prefix"] for each in expiring} == {"incoming/", "imports/"}
        [rule] = [each for each in expiring if each["Prefix"] == "incoming/" and "ExpirationInDays" in each]
        assert rule["ExpirationInDays"] == 2
        assert rule["NoncurrentVersionExpiration"] == {"NoncurrentDays": 1}

    def test_a_scan_is_made_where_it_is_asked_for_and_tags_what_downloads_lead_to(
        self, resources: dict[str, Any]
    ) -> None:
        plan = resources["FilesScan"]
        assert plan["Condition"] == resources["FilesScanRole"]["Condition"] == "FilesAreScanned"
        assert plan["Properties"]["Actions"] == {"Tagging": {"Status": "ENABLED"}}
        assert plan["Properties"]["ProtectedResource"]["S3Bucket"]["ObjectPrefixes"] == ["files/"]

    def test_queues_are_encrypted(self, resources: dict[str, Any]) -> None:
        assert all(queue["SqsManagedSseEnabled"] for queue in of_type(resources, "AWS::SQS::Queue").values())


class TestAlarms:
    def test_every_function_s_errors_and_every_dead_letter_ring(self, resources: dict[str, Any]) -> None:
        alarms = of_type(resources, "AWS::CloudWatch::Alarm").values()
        assert all(alarm["AlarmActions"] == [{"Ref": "Alarms"}] for alarm in alarms)
        watched = {(alarm["MetricName"], str(alarm["Dimensions"][0]["Value"])) for alarm in alarms}
        assert {("Errors", str({"Ref": function})) for function in FUNCTIONS} <= watched
        assert {
            ("ApproximateNumberOfMessagesVisible", str({"Fn::GetAtt": [queue, "QueueName"]}))
            for queue in ("MailDeadLetters", "MailEventsDeadLetters", "EventsDeadLetters")
        } <= watched
        assert ("IteratorAge", str({"Ref": "DeliverEvents"})) in watched
