"""What the API asks and answers, as models: they check what comes and describe themselves in the OpenAPI page."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from shop.orders.cart import MOST_OF_A_KIND

Slug = Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$")]
Inch = Annotated[int, Field(ge=1, le=99)]
Names = Annotated[dict[str, str], Field(description="the words by language: en, zh_Hans, zh_Hant")]
Minor = Annotated[int, Field(description="in the currency's smallest unit, tax included")]


class Model(BaseModel):
    """Every model of the API is frozen."""

    model_config = ConfigDict(frozen=True)


class PromiseAsked(Model):
    """For which cake a time is asked."""

    product: Slug = Field(description="as in the menu, such as strawberry-cream")
    size_inch: Inch = Field(description="as in the menu, such as 8")
    quantity: int = Field(1, ge=1, le=MOST_OF_A_KIND, description="of this cake")
    fulfilment: Literal["pickup", "delivery"] = Field(
        "pickup", description="of a delivery the times are arrivals"
    )
    area: Slug | None = Field(
        None, description="where a delivery goes, as in the menu; without it the times hold for every area"
    )
    day: date | None = Field(None, description="whose slots to list; without it the day of the earliest time")


class Slot(Model):
    """A stretch of time, and whether a cake can be had in it."""

    start: datetime
    end: datetime
    free: bool


class Sooner(Model):
    """A size that can be had earlier."""

    size_inch: int
    earliest: datetime


class Fewer(Model):
    """So many of the cakes can be had earlier than all of them."""

    quantity: int
    earliest: datetime


class Promise(Model):
    """The earliest time that can be kept (null: none within a week), and a day's slots."""

    earliest: datetime | None
    slots: list[Slot]
    sooner: list[Sooner] = Field(description="sizes of the same cake that can be had earlier")
    fewer: Fewer | None = Field(
        description="how many of several could be had half an hour or more before all"
    )
    looking: bool = Field(
        description="true: the shop still looks for a sooner time; ask the same again in ten seconds"
    )


class MenuSize(Model):
    size_inch: int
    pounds: int
    serves: str
    price: Minor
    available: bool = Field(description="false: sold out today")


class Choice(Model):
    choice: str
    names: Names
    surcharge: Minor
    smallest_inch: int = Field(description="the smallest size it comes with, 0 for every size")
    allergens: list[str]
    default: bool


class Option(Model):
    option: str
    names: Names
    choices: list[Choice]


class Product(Model):
    product: str
    names: Names
    about: Names
    allergens: list[str]
    available: bool = Field(description="false: sold out today")
    sizes: list[MenuSize]
    options: list[Option]


class Area(Model):
    area: str
    names: Names
    fee: Minor
    minutes: int = Field(description="the way there")


class Menu(Model):
    """Everything that can be ordered today."""

    version: int
    currency: str
    timezone: str
    opens: str
    closes: str
    products: list[Product]
    allergens: dict[str, Names]
    areas: list[Area]


class Fault(Model):
    field: str
    message: str


class Problem(Model):
    """What went wrong (RFC 9457). ``earliest`` comes with a time that cannot be kept."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[Fault] | None = None
    earliest: datetime | None = None
