"""Limits as constants, written out a second time: the tests of their boundaries read the constants themselves."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

NUMBERS: dict[str, Any] = {
    # AWS's own, from the page that each constant names.
    "aws.buckets._MOST_REMOVED": 1_000,
    "aws.cloud._NAMES_A_CALL": 10,
    "deploy.protection.MOST": 16_384,
    "deploy.secret_store.MOST_BYTES": {"given": 65_536, "parameter": 4_096},
    "description.backend_rules._LAYERS": 5,
    "description.base_rules._ZONES": {"us-west-1": 2},
    "description.body_schemas.MOST_BYTES": 400_000,
    "description.extension_rules._LONGEST_STACK": 128,
    "description.pipeline_rules._MOST_PATTERNS": 8,
    "description.statements._MOST_TABLE_BYTES": 20_480,
    "foreign.reading.LIMIT": 1_000_000,
    "kinds.buckets.rules._BUCKET_CHARACTERS": 63,
    "kinds.queues.resources._LONGEST": 43_200,
    "kinds.queues.resources._UNWAITED_BATCH": 10,
    "kinds.tables.model._MOST_HELD": 20,
    "kinds.tables.model._MOST_LOCAL": 5,
    "kinds.users.rules._SHORTEST_PROVIDER": 3,
    "packaging.archive.UNZIPPED_LIMIT": 250 * 1_048_576,
    "packaging.web_handler.LIMIT": 6 * 1_048_576,
    "parts.frontend.edge_program.MOST_BYTES": 10_240,
    "parts.frontend.edge_program.MOST_OF_A_PARAMETER": 4_096,
    "parts.frontend.waf._FREE_BODY": 16_384,
    "pipelines.local._LONGEST_SETTING": 1_000,
    "publishing.publish.MOST_PATHS": 15,
    "publishing.sites.LARGEST": 5 * 1_073_741_824,
    "publishing.sites.LONGEST_KEY": 1_024,
    "roles.packing.LARGEST_POLICY": 6_144,
    "sizes._GROUP_CAPACITY": {
        "AWSManagedRulesACFPRuleSet": 50,
        "AWSManagedRulesATPRuleSet": 50,
        "AWSManagedRulesAdminProtectionRuleSet": 100,
        "AWSManagedRulesAmazonIpReputationList": 25,
        "AWSManagedRulesAnonymousIpList": 50,
        "AWSManagedRulesAntiDDoSRuleSet": 50,
        "AWSManagedRulesBotControlRuleSet": 50,
        "AWSManagedRulesCommonRuleSet": 700,
        "AWSManagedRulesKnownBadInputsRuleSet": 200,
        "AWSManagedRulesLinuxRuleSet": 200,
        "AWSManagedRulesPHPRuleSet": 100,
        "AWSManagedRulesSQLiRuleSet": 200,
        "AWSManagedRulesUnixRuleSet": 100,
        "AWSManagedRulesWindowsRuleSet": 200,
        "AWSManagedRulesWordPressRuleSet": 100,
    },
    "sizes._PSEUDO": {"AWS::AccountId": 12, "AWS::Partition": 3, "AWS::Region": 14, "AWS::URLSuffix": 13},
    "sizes._STATEMENT_CAPACITY": {"GeoMatchStatement": 1, "IPSetReferenceStatement": 1, "LabelMatchStatement": 1},
    "sizes.RESOLVED": 80,
    # Ours, within what AWS takes.
    "aws.stored_data._KEY_DAYS": 30,
    "ci.roles._POLICY": 5_000,
    "ci.scripts.LONGEST": 60_000,
    "deploy.secret_store.RECOVERY_DAYS": 7,
    "description.consistency._MOST_TAGS": 40,
    "files.LARGEST": 256 * 1_048_576,
    "loading._LONGEST": 4 * 1_048_576,
    "packaging.command_runner.MOST": 1_000_000,
    "packaging.command_runner.SPARE": 2.0,
    "packaging.requirements._MOST_FILES": 100,
    "packaging.secret_reader.KEPT_SECONDS": 300,
    "parts.base.buckets.LOG_DAYS": 400,
    "parts.frontend.access_log._DAYS_OF_LOGS": 400,
    "parts.frontend.headers.TWO_YEARS": 63_072_000,
    "publishing.releases.KEPT": 5,
    "publishing.shells.LARGEST_SHELL": 65_536,
    "publishing.templates._LARGEST": 1_048_576,
    "roles.packing.MOST_POLICIES": 8,
}


@pytest.mark.parametrize("name", NUMBERS)
def test_a_constant_is_the_number_that_is_documented(name: str) -> None:
    module, _, constant = name.rpartition(".")
    assert getattr(import_module(f"stacks.{module}"), constant) == NUMBERS[name]
