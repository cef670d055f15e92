"""The models and the template describe the same tables; what one of them lacks no query would find."""

from typing import Any

import pytest
from pynamodb.attributes import Attribute

from chalicelib.storage.models import (
    CounterRow,
    DeskModel,
    DirectoryRow,
    EventRow,
    ExpiringRow,
    FileRow,
    TicketRow,
)
from infra.local import resources

MODELS: dict[str, type[DeskModel]] = {
    "TicketsTable": TicketRow,
    "HistoryTable": EventRow,
    "DirectoryTable": DirectoryRow,
    "CountersTable": CounterRow,
    "FilesTable": FileRow,
    "ExpiringTable": ExpiringRow,
}
TYPES = {"S": "S", "N": "N"}


def described(table: str) -> dict[str, Any]:
    properties: dict[str, Any] = resources.parsed_template()["Resources"][table]["Properties"]
    return properties


def key_schema(attributes: dict[str, Attribute[Any]]) -> list[dict[str, str]]:
    hashes = [{"AttributeName": each.attr_name, "KeyType": "HASH"} for each in attributes.values() if each.is_hash_key]
    ranges = [
        {"AttributeName": each.attr_name, "KeyType": "RANGE"} for each in attributes.values() if each.is_range_key
    ]
    return hashes + ranges


def indexes_of(model: type[DeskModel]) -> dict[str, Any]:
    return {index.Meta.index_name: index for index in model._indexes.values()}


def test_every_table_has_a_model_and_every_model_a_table() -> None:
    tables = {
        name
        for name, each in resources.parsed_template()["Resources"].items()
        if each["Type"] == "AWS::DynamoDB::Table"
    }
    assert tables == set(MODELS)
    assert set(MODELS.values()) == set(DeskModel.__subclasses__())


@pytest.mark.parametrize("table", MODELS)
class TestTable:
    def test_the_keys_agree(self, table: str) -> None:
        assert key_schema(MODELS[table].get_attributes()) == described(table)["KeySchema"]

    def test_the_indexes_agree_with_their_keys(self, table: str) -> None:
        modelled = {name: key_schema(index.Meta.attributes) for name, index in indexes_of(MODELS[table]).items()}
        template = {each["IndexName"]: each["KeySchema"] for each in described(table).get("GlobalSecondaryIndexes", [])}
        assert modelled == template

    def test_the_projections_agree(self, table: str) -> None:
        for each in described(table).get("GlobalSecondaryIndexes", []):
            projection = indexes_of(MODELS[table])[each["IndexName"]].Meta.projection
            modelled = {"ProjectionType": projection.projection_type}
            if projection.non_key_attributes:
                modelled["NonKeyAttributes"] = projection.non_key_attributes
            assert modelled == each["Projection"]

    def test_the_attributes_of_keys_have_the_type_the_template_says(self, table: str) -> None:
        attributes = MODELS[table].get_attributes()
        of_indexes = {
            each.attr_name: each
            for index in indexes_of(MODELS[table]).values()
            for each in index.Meta.attributes.values()
        }
        for each in described(table)["AttributeDefinitions"]:
            assert (
                of_indexes.get(each["AttributeName"], attributes[each["AttributeName"]]).attr_type
                == (each["AttributeType"])
            )

    def test_what_expires_is_an_attribute_of_the_model(self, table: str) -> None:
        expiry = described(table).get("TimeToLiveSpecification", {"AttributeName": "-"})["AttributeName"]
        assert (expiry != "-") is ("expires" in MODELS[table].get_attributes())


def test_no_index_projects_more_than_dynamodb_allows() -> None:
    """100 projected attributes over all indexes of a table; keys do not count."""
    projected = [
        name
        for each in described("TicketsTable")["GlobalSecondaryIndexes"]
        for name in each["Projection"]["NonKeyAttributes"]
    ]
    assert len(projected) <= 100
    assert len(described("TicketsTable")["GlobalSecondaryIndexes"]) <= 20
