"""The JSON bodies of slates and explanations."""

from typing import Annotated
from typing import Literal

from pydantic import BaseModel
from pydantic import Field

from serving.gateway.api.models import MAX_LIST
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
from serving.gateway.slates.short_slate import LIMITS


class RecommendationsIn(StrictModel):
    """A request for a slate."""

    user_id: Id | None = None  # None = nobody known
    session: Annotated[list[SessionEvent], Field(max_length=MAX_LIST)] = []
    profile: ProfileIn = {}  # on top of what is kept of the user
    need: Text = ""
    scenario: OptionalId = ""
    k: SlateSize = 10
    constraints: ConstraintsIn = ConstraintsIn()
    diversity: Diversity | None = None  # None = as the policy says
    popularity: PopularityShift | None = None
    policy: OptionalId = ""  # of `GET /v1/overview`, in place of any arm's;
    # "" = as the gateway says. Likewise the label of the model's version:
    version_label: OptionalId = ""
    preview: bool = False  # nobody is shown it: it is neither logged nor
    # learnt from, and takes no feedback


class ReasonOut(BaseModel):
    """An event of the user that carried an item."""

    item_id: str
    title: str
    weight: float  # its part of the share of the history


class SharesOut(BaseModel):
    """What brought an item forward; they sum to one, or all are 0."""

    history: float  # what the user did
    need: float  # what the user asked for
    popularity: float  # what many people like


class SlateItemOut(BaseModel):
    """One item of a slate, with what people see of it."""

    item_id: str
    title: str
    categories: list[str] = []
    price: float | None = None
    image_url: str = ""
    score: float
    probability: float | None = None
    rating: float | None = None
    propensity: float = 1.0  # the chance that the policy showed it here
    reasons: list[ReasonOut] = []
    shares: SharesOut
    features: dict[str, float] = {}


class LimitOut(BaseModel):
    """A rule that took items away, and how many it left."""

    rule: Literal[LIMITS]
    left: int  # of those that the rules before it left
    text: str  # the same in words


class SlateOut(BaseModel):
    """A slate, and what made it."""

    slate_id: str
    scenario: str
    model_version: int  # 0 = no model was asked
    policy: str
    arms: dict[str, str]
    source: Literal["model", "last_known_good", "popular"]
    is_degraded: bool  # not the model's, or without the user's history
    unmet: list[str] = []  # what the need refuses and the slate may hold; a
    # need that was not understood
    short_because: list[LimitOut] = []  # why there are fewer items than asked
    # for: the rules in their order; empty = there are as many, or the gateway
    # has no catalogue to count
    items: list[SlateItemOut]


class ExplanationsIn(RecommendationsIn):
    """A request to explain items: as for the slate, and which items.

    How long a slate is, how it is ordered and what it may hold does not matter
    to the reasons for an item.
    """

    item_ids: Annotated[list[Id], Field(min_length=1, max_length=20)]


class ExplanationOut(BaseModel):
    """The exact explanation of one item's score.

    Places count from 1 on, among all items outside the history; 0 = the served
    model is too old to say. Scores of requests with and without a history do
    not compare, places do.
    """

    item_id: str
    title: str
    score: float
    score_without_history: float
    score_without_need: float
    place: float
    place_without_history: float
    place_without_need: float
    reasons: list[ReasonOut]
    shares: SharesOut
    sources: dict[str, float]


class ExplanationsOut(BaseModel):
    """One explanation per item, in the order asked."""

    explanations: list[ExplanationOut]
