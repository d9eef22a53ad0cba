"""A monthly budget of the account, and who is notified when it is nearly spent, spent, or forecast to be."""

from __future__ import annotations

from typing import TYPE_CHECKING

from troposphere import budgets

from stacks import naming

if TYPE_CHECKING:
    from stacks.app import Stage
    from stacks.model.audit import Budget

_NOTICES = (("ACTUAL", 80), ("ACTUAL", 100), ("FORECASTED", 100))
"""What is compared with the budget, and the percentage from which on somebody hears of it."""


def budget(stage: Stage, described: Budget) -> budgets.Budget:
    """The budget; it is of the account as a whole, wherever it is made.

    CloudFormation names it: another address replaces a budget, and two cannot have one name.
    """
    reader = budgets.Subscriber(SubscriptionType="EMAIL", Address=described.email)
    return budgets.Budget(
        "Budget",
        Budget=budgets.BudgetData(
            BudgetType="COST",
            TimeUnit="MONTHLY",
            BudgetLimit=budgets.Spend(Amount=described.amount, Unit="USD"),
        ),
        NotificationsWithSubscribers=[
            budgets.NotificationWithSubscribers(
                Notification=budgets.Notification(
                    NotificationType=kind,
                    ComparisonOperator="GREATER_THAN",
                    Threshold=percent,
                    ThresholdType="PERCENTAGE",
                ),
                Subscribers=[reader],
            )
            for kind, percent in _NOTICES
        ],
        ResourceTags=[budgets.ResourceTag(Key=key, Value=text) for key, text in naming.tags(stage, "base").items()],
    )
