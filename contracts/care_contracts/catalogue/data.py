"""What every event's data has in common: known fields are checked, others are kept."""

from pydantic import BaseModel, ConfigDict

from care_contracts.catalogue.fields import Line, Number


class EventData(BaseModel):
    """The data of one type of event. Models are built when first used, so that importing the catalogue stays cheap."""

    model_config = ConfigDict(extra="allow", strict=True, frozen=True, defer_build=True)


class Item(EventData):
    """One line of an order or a cart."""

    sku: Line | None = None
    name: Line | None = None
    quantity: Number | None = None
    price: Number | None = None
