"""The situation in which a slate is ordered."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class RankingContext:
    """What the order depends on, apart from the candidates.

    Attributes:
        now: seconds since the epoch.
        usual_price: what the user tends to pay; None = not known.
        diversity: the user's slider in [0, 1], in place of the policy's
            weight; None = left alone.
        popularity: the user's slider from -1 (the little known) to 1 (what
            everybody likes), on top of the policy; None = left alone.
        history_length: events known of the user.
        model_version: that scored the candidates; 0 = none did.
        has_need: whether the user asked for something in words.
        named_item_ids: what the user asked for by title: it comes first.
    """

    scenario: str = ""
    now: float
    usual_price: float | None = None
    diversity: float | None = None
    popularity: float | None = None
    history_length: int = 0
    model_version: int = 0
    has_need: bool = False
    named_item_ids: tuple[str, ...] = ()

    def __post_init__(self):
        for name, low in (("diversity", 0.0), ("popularity", -1.0)):
            given = getattr(self, name)
            if given is not None and not low <= given <= 1.0:
                raise ValueError(
                    f"`{name}` must be in [{low:g}, 1]. Received: {given}."
                )
