"""Events about buying: orders, payments, carts, subscriptions, use."""

from pydantic import Field

from care_contracts.catalogue.data import EventData, Item
from care_contracts.catalogue.fields import Amount, Attempt, Currency, Id, Line, Moment, Money, Number, Url


class OrderPlaced(EventData):
    """An order came in."""

    order_id: Id
    total: Money | None = None
    currency: Currency | None = None
    items: list[Item] | None = None
    cart_id: Id | None = None
    product_name: Line | None = Field(None, description="how a letter names what was bought")
    channel: Line | None = None


class OrderShipped(EventData):
    """The parcel is on its way."""

    order_id: Id
    carrier: Line | None = None
    tracking_url: Url | None = None
    expected_at: Moment | None = None


class OrderDelayed(EventData):
    """The parcel will be late."""

    order_id: Id
    days_late: Amount | None = None
    expected_at: Moment | None = None
    reason: Line | None = None


class OrderDelivered(EventData):
    """The parcel has arrived."""

    order_id: Id
    total: Money | None = None
    product_name: Line | None = Field(None, description="how a letter names what was bought")
    delivered_at: Moment | None = None


class OrderUndone(EventData):
    """The order was sent back or called off."""

    order_id: Id
    reason: Line | None = None
    total: Money | None = None
    by: Line | None = Field(None, description="who called it off, such as customer or shop")


class PaymentFailed(EventData):
    """A payment did not go through."""

    order_id: Id | None = None
    invoice_id: Id | None = None
    amount: Money | None = None
    currency: Currency | None = None
    attempt: Attempt | None = None
    reason: Line | None = None
    retry_url: Url | None = Field(None, description="where the customer can pay again")


class CartAbandoned(EventData):
    """A cart was filled and left."""

    cart_id: Id
    total: Money | None = None
    currency: Currency | None = None
    items: list[Item] | None = None
    url: Url | None = Field(None, description="where the cart waits")


class Subscription(EventData):
    """A subscription's life."""

    subscription_id: Id
    plan: Line | None = None
    renews_at: Moment | None = None
    reason: Line | None = None


class ProductUsed(EventData):
    """The customer used what they bought."""

    product: Line | None = None
    feature: Line | None = None
    quantity: Number | None = None
