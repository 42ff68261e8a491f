"""The JSON bodies of slates and explanations."""

from typing import Annotated
from typing import Literal

from pydantic import Field

from serving.gateway.api.models import MAX_LIST
from serving.gateway.api.models import AnswerModel
from serving.gateway.api.models import ConstraintsIn
from serving.gateway.api.models import Diversity
from serving.gateway.api.models import Id
from serving.gateway.api.models import OptionalId
from serving.gateway.api.models import PopularityShift
from serving.gateway.api.models import ProfileIn
from serving.gateway.api.models import SessionEvent
from serving.gateway.api.models import SlateSize
from serving.gateway.api.models import StrictModel
from serving.gateway.api.models import Text
from serving.gateway.api.models import get_example
from serving.gateway.api.models import give_example
from serving.gateway.slates.short_slate import LIMITS

_REQUEST = {
    "user_id": "ann",
    "session": [get_example(SessionEvent)],
    "profile": {"age": 35, "town": "Ulm"},
    "need": "a crime film from the 90s, no comedy",
    "scenario": "home",
    "k": 10,
    "constraints": get_example(ConstraintsIn),
    "diversity": 0.5,
    "popularity": -0.2,
    "policy": "",
    "version_label": "",
    "preview": False,
}


class RecommendationsIn(StrictModel):
    """A request for a slate."""

    model_config = give_example(**_REQUEST)

    user_id: Id | None = None
    """Whose history counts, and who is shown the slate; null = nobody known."""
    session: Annotated[list[SessionEvent], Field(max_length=MAX_LIST)] = []
    """Events of just now, which count for this slate and are not kept."""
    profile: ProfileIn = {}
    """Attributes of the user, on top of those that are kept."""
    need: Text = ""
    """What is wanted now, in words; "" = nothing in particular."""
    scenario: OptionalId = ""
    """Where the slate is shown; "" = none."""
    k: SlateSize = 10
    """How many items are wanted."""
    constraints: ConstraintsIn = ConstraintsIn()
    """What the slate may hold."""
    diversity: Diversity | None = None
    """From 0, the best items, to 1, few alike; null = as the policy says."""
    popularity: PopularityShift | None = None
    """From -1, rare items, to 1, popular ones; null = as the policy says."""
    policy: OptionalId = ""
    """Of `GET /v1/overview`, in place of any arm's; "" = as the gateway
    says."""
    version_label: OptionalId = ""
    """Of `GET /v1/overview`: the model's version; "" = as the gateway says."""
    preview: bool = False
    """true = nobody is shown it: it is neither logged nor learnt from, and
    takes no feedback."""


class ReasonOut(AnswerModel):
    """An event of the user that carried an item."""

    model_config = give_example(item_id="318", title="Heat (1995)", weight=0.42)

    item_id: str
    """Of the item that the event was about."""
    title: str
    """Its title."""
    weight: float
    """Its part of the share of the history."""


class SharesOut(AnswerModel):
    """What brought an item forward; they sum to one, or all are 0."""

    model_config = give_example(history=0.6, need=0.3, popularity=0.1)

    history: float
    """What the user did."""
    need: float
    """What the user asked for."""
    popularity: float
    """What many people like."""


class SlateItemOut(AnswerModel):
    """One item of a slate, with what people see of it."""

    model_config = give_example(
        item_id="heat-2",
        title="Heat 2 (2026)",
        categories=["Crime", "Drama"],
        price=12.5,
        image_url="https://images.example.com/heat-2.jpg",
        score=2.31,
        probability=0.83,
        rating=4.2,
        propensity=0.95,
        reasons=[get_example(ReasonOut)],
        shares=get_example(SharesOut),
        features={"model": 1.2, "popularity": 0.4},
    )

    item_id: str
    """Its id."""
    title: str
    """Its title, or its id where the gateway knows none."""
    categories: list[str] = []
    """Its labels."""
    price: float | None = None
    """null = not known."""
    image_url: str = ""
    """Of its cover; "" = none."""
    score: float
    """By which it was ordered. Scores of two slates do not compare."""
    probability: float | None = None
    """The chance that the user likes it; null = not judged."""
    rating: float | None = None
    """The value to expect, of the dataset's scale; null = not judged."""
    propensity: float = 1.0
    """The chance that the policy showed it here."""
    reasons: list[ReasonOut] = []
    """Events with the largest parts of the history's share."""
    shares: SharesOut
    """What brought it forward."""
    features: dict[str, float] = {}
    """What the policy's blend looked at, by name."""


class LimitOut(AnswerModel):
    """A rule that took items away, and how many it left."""

    model_config = give_example(
        rule="has_price", left=0, text="None of them have a price."
    )

    rule: Literal[LIMITS]
    """Its name."""
    left: int
    """How many items are left of those that the rules before it left."""
    text: str
    """The same in words; "them" are the items left before."""


class SlateOut(AnswerModel):
    """A slate, and what made it."""

    model_config = give_example(
        slate_id="9f3c",
        scenario="home",
        model_version=3,
        policy="learnt",
        arms={"ranker": "treatment"},
        source="model",
        is_degraded=False,
        unmet=["nothing scary"],
        short_because=[get_example(LimitOut)],
        items=[get_example(SlateItemOut)],
    )

    slate_id: str
    """By which feedback names it."""
    scenario: str
    """As it was asked for."""
    model_version: int
    """Of the model that answered; 0 = none was asked."""
    policy: str
    """The ranking policy that ordered it."""
    arms: dict[str, str]
    """The user's arm of each experiment."""
    source: Literal["model", "last_known_good", "popular"]
    """What found the items: the model, or a stand-in while it is away."""
    is_degraded: bool
    """Whether it is not the model's, or made without the user's history."""
    unmet: list[str] = []
    """What the need refuses and the slate may hold all the same; a need that
    was not understood."""
    short_because: list[LimitOut] = []
    """Why there are fewer items than asked for: the rules in their order;
    [] = there are as many, or the gateway has no catalogue to count."""
    items: list[SlateItemOut]
    """The best first."""


class ExplanationsIn(RecommendationsIn):
    """A request to explain items: as for the slate, and which items.

    How long a slate is, how it is ordered and what it may hold does not matter
    to the reasons for an item.
    """

    model_config = give_example(**_REQUEST, item_ids=["318"])

    item_ids: Annotated[list[Id], Field(min_length=1, max_length=20)]
    """Items that the model was trained with."""


class ExplanationOut(AnswerModel):
    """The exact explanation of one item's score.

    Places count from 1 on, among all items outside the history; 0 = the served
    model is too old to say. Scores of requests with and without a history do
    not compare, places do.
    """

    model_config = give_example(
        item_id="318",
        title="Heat (1995)",
        score=2.31,
        score_without_history=0.75,
        score_without_need=2.25,
        place=3.0,
        place_without_history=1250.0,
        place_without_need=12.0,
        reasons=[get_example(ReasonOut)],
        shares=get_example(SharesOut),
        sources={"id": 0.3, "text": 0.7},
    )

    item_id: str
    """The item that is explained."""
    title: str
    """Its title."""
    score: float
    """Of the model, before the policy."""
    score_without_history: float
    """The score of nobody known who asks the same."""
    score_without_need: float
    """The score of this user who asks for nothing."""
    place: float
    """Among all items."""
    place_without_history: float
    """Likewise, for nobody known who asks the same."""
    place_without_need: float
    """Likewise, for this user who asks for nothing."""
    reasons: list[ReasonOut]
    """All events that carried it, the heaviest first."""
    shares: SharesOut
    """What brought it forward."""
    sources: dict[str, float]
    """How much the item's text, id and other sources count; they sum to one."""


class ExplanationsOut(AnswerModel):
    """Explanations of items."""

    model_config = give_example(explanations=[get_example(ExplanationOut)])

    explanations: list[ExplanationOut]
    """One per item, in the order asked."""
