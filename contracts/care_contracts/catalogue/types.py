"""The table of event types: each name, what it means, and the model of its data."""

import re
from dataclasses import dataclass

from care_contracts.catalogue import care, customers, orders, voices
from care_contracts.catalogue.data import EventData

NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+")
NAME_LENGTH = 64
RESERVED = "playbook."


@dataclass(frozen=True)
class EventType:
    """One row: `meaning` finishes the sentence "this event says that …"."""

    name: str
    meaning: str
    model: type[EventData]


TYPES: tuple[EventType, ...] = (
    EventType("customer.created", "somebody became a customer", customers.Customer),
    EventType("customer.updated", "something about the customer changed", customers.Customer),
    EventType("customer.deleted", "the customer wants to be forgotten; erasure begins", customers.CustomerDeleted),
    EventType("customer.at_risk", "the customer may be about to leave", customers.CustomerHealth),
    EventType("customer.recovered", "the customer is doing well again", customers.CustomerHealth),
    EventType("consent.changed", "the customer agreed to a kind of letters, or no longer does", customers.ConsentChanged),
    EventType("order.placed", "the customer ordered", orders.OrderPlaced),
    EventType("order.shipped", "the parcel is on its way", orders.OrderShipped),
    EventType("order.delayed", "the parcel will come later than promised", orders.OrderDelayed),
    EventType("order.delivered", "the parcel has arrived", orders.OrderDelivered),
    EventType("order.returned", "the customer sent it back", orders.OrderUndone),
    EventType("order.cancelled", "the order was called off", orders.OrderUndone),
    EventType("payment.failed", "a payment did not go through", orders.PaymentFailed),
    EventType("cart.abandoned", "a cart was filled and left", orders.CartAbandoned),
    EventType("subscription.started", "a subscription began", orders.Subscription),
    EventType("subscription.renewed", "a subscription goes on", orders.Subscription),
    EventType("subscription.cancelled", "a subscription ends", orders.Subscription),
    EventType("product.used", "the customer used what they bought", orders.ProductUsed),
    EventType("ticket.opened", "the customer asks for help", voices.TicketOpened),
    EventType("ticket.replied", "an agent or the customer wrote in the ticket", voices.TicketReplied),
    EventType("ticket.resolved", "the ticket is settled", voices.TicketSettled),
    EventType("ticket.reopened", "the ticket was not settled after all", voices.TicketSettled),
    EventType("chat.ended", "a chat is over", voices.ChatEnded),
    EventType("call.ended", "a call is over", voices.CallEnded),
    EventType("review.posted", "the customer wrote a review", voices.ReviewPosted),
    EventType("social.mentioned", "the customer spoke about us in public", voices.SocialMentioned),
    EventType("survey.opened", "the customer looked at a survey", voices.SurveyOpened),
    EventType("survey.answered", "the customer told us how it was", voices.SurveyAnswered),
    EventType("message.sent", "a letter went out", care.Message),
    EventType("message.failed", "a letter could not be sent", care.Message),
    EventType("message.bounced", "a letter came back", care.Message),
    EventType("message.complained", "the customer called a letter spam", care.Message),
    EventType("message.replied", "the customer answered a letter", care.Message),
    EventType("message.suppressed", "a letter was held back at the last moment", care.Message),
    EventType("task.opened", "a person was asked to look after the customer", care.Task),
    EventType("task.claimed", "a person took it on", care.Task),
    EventType("task.closed", "a person has looked after it", care.Task),
    EventType("task.escalated", "nobody took it on in time", care.Task),
    EventType("reward.granted", "the customer was given something", care.Reward),
    EventType("reward.redeemed", "the customer used what they were given", care.Reward),
)

BY_NAME: dict[str, EventType] = {each.name: each for each in TYPES}


def is_type_name(text: str) -> bool:
    """Whether a text may be an event's type: lower-case words joined by dots, and not of Careloop's own machinery."""
    return len(text) <= NAME_LENGTH and NAME.fullmatch(text) is not None and not text.startswith(RESERVED)
