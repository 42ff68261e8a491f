import pytest

from schemas.rating_scale import RatingScale
from serving.gateway.behavior.feedback_config import FeedbackConfig
from serving.gateway.gateway_config import REDIS_PASSWORD_VARIABLE
from serving.gateway.gateway_config import GatewayConfig
from serving.gateway.gateway_config import add_redis_password
from serving.gateway.gateway_config import load_gateway_config


def _load(tmp_path, text: str) -> GatewayConfig:
    path = tmp_path / "gateway.yaml"
    path.write_text(text)
    return load_gateway_config(path)


def test_empty_file_means_the_defaults(tmp_path):
    assert _load(tmp_path, "") == GatewayConfig()


def test_sections_are_read_and_the_rest_keeps_its_defaults(tmp_path):
    config = _load(
        tmp_path,
        "slates: {num_candidates: 50}\n"
        "feedback: {love: {event_type: rate, value: 5.0}}\n",
    )
    assert config.slates.num_candidates == 50
    assert config.slates.num_popular == GatewayConfig().slates.num_popular
    assert list(config.feedback) == ["love"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "slates: {num_candidate: 5}",
            "`slates.num_candidate` is not a setting. Allowed here: "
            "last_good_seconds, ",
        ),
        ("slates: 1\nslates: 2", "the key `slates` stands twice"),
        ("limits: {max_body_bytes: 0}", "limits.max_body_bytes"),
        ("feedback: {x: {event_type: buy}}", "Received: 'buy'"),
        ("slates: {num_popular: 10}", "at least 100, the longest slate"),
        ("- 1", "must hold `key: value` lines. Received: list"),
        ("a: [", "must be YAML"),
        (
            "experiments: [{name: e, salt: s, arms: "
            "{a: {share: 1, policy: nope}}}]",
            "experiment 'e' must name policies of `ranking`. Received: 'nope'",
        ),
        (
            "experiments: [{name: e, salt: s, arms: {a: {share: 1}}}, "
            "{name: e, salt: t, arms: {a: {share: 1}}}]",
            "experiments must have names of their own",
        ),
    ],
)
def test_wrong_setting_is_named(tmp_path, text, message):
    with pytest.raises(ValueError, match=r"(?s).*") as caught:
        _load(tmp_path, text)
    assert message in str(caught.value)


def test_no_file_means_the_defaults():
    assert load_gateway_config(None, {}) == GatewayConfig()


@pytest.mark.parametrize(
    ("url", "state"),
    [
        ("redis://h:6379/0", "redis://:p%40%2F%3A@h:6379/0"),
        ("rediss://ann@h/1?x=y", "rediss://ann:p%40%2F%3A@h/1?x=y"),
        ("unix:///run/redis.sock", "unix://:p%40%2F%3A@/run/redis.sock"),
    ],
)
def test_password_of_redis_is_taken_from_the_environment(tmp_path, url, state):
    path = tmp_path / "gateway.yaml"
    path.write_text(f"storage: {{state: '{url}'}}")
    config = load_gateway_config(path, {REDIS_PASSWORD_VARIABLE: "p@/:"})
    assert config.storage.state == state


@pytest.mark.parametrize("url", ["sqlite:///s", "redis://:mine@h/0"])
def test_password_that_nobody_needs_is_refused(url):
    with pytest.raises(ValueError, match="must come with a state") as caught:
        add_redis_password(url, "geheim")
    assert "geheim" not in str(caught.value)
    assert "mine" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        "redis://",
        "redis:geheim",
        "redis://:geheim@h:64x/0",
        "redis://:geheim@h:70000/0",
        "redis://:a/geheim@h/0",
        "rediss://:geheim@[::1/0",
    ],
)
def test_url_of_redis_that_cannot_be_read_is_not_repeated(tmp_path, url):
    with pytest.raises(ValueError, match="HOST:PORT") as caught:
        _load(tmp_path, f"storage: {{state: '{url}'}}")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize("hours", ["0", "-1", ".inf", ".nan"])
def test_hours_of_a_span_are_a_number(tmp_path, hours):
    with pytest.raises(ValueError, match=r"storage\.span_hours"):
        _load(tmp_path, f"storage: {{span_hours: {hours}}}")


def test_storage_that_is_refused_is_not_repeated(tmp_path):
    with pytest.raises(ValueError, match="`storage`") as caught:
        _load(tmp_path, "storage: 'redis://:geheim@h/0'")
    assert "geheim" not in str(caught.value)


@pytest.mark.parametrize(
    ("event_type", "value", "kind"),
    [
        ("rate", 5.0, "like"),
        ("rate", 4.0, "like"),
        ("rate", 1.0, "dislike"),
        ("click", None, "click"),
        ("click", 3.0, "click"),
        ("rate", None, None),  # says nothing without its value
        ("view", None, None),
    ],
)
def test_event_amounts_to_the_nearest_feedback(event_type, value, kind):
    config = GatewayConfig()
    found = config.find_feedback(event_type, value)
    assert found == config.feedback.get(kind)


@pytest.mark.parametrize(
    ("scale", "value", "kind"),
    [
        # 1.0 is as far from 0.5 as a dislike, and all there is to like.
        ((0.0, 1.0, 1.0), 1.0, "like"),
        ((0.0, 1.0, 1.0), 0.0, "dislike"),
        ((1.0, 10.0, 7.0), 5.0, None),
        ((1.0, 10.0, 7.0), 2.0, "dislike"),
        ((1.0, 10.0, 7.0), 7.0, "like"),
        ((0.0, 100.0, 60.0), 5.0, "dislike"),
        ((-1.0, 1.0, 1.0), 0.0, None),
    ],
)
def test_likes_and_dislikes_follow_the_scale_of_the_data(scale, value, kind):
    names = ("lowest", "highest", "positive_value")
    ratings = RatingScale(**dict(zip(names, scale, strict=True)))
    config = GatewayConfig(ratings=ratings)
    for event_type in ("rate", "review"):
        found = config.find_feedback(event_type, value)
        expected = config.feedback.get(kind) if event_type == "rate" else None
        assert found == expected


def test_like_and_dislike_are_the_ends_of_the_scale():
    ratings = RatingScale(lowest=0.0, highest=1.0, positive_value=1.0)
    config = GatewayConfig(ratings=ratings)
    assert config.find_value(config.feedback["like"]) == 1.0
    assert config.find_value(config.feedback["dislike"]) == 0.0
    assert config.find_value(config.feedback["click"]) is None


def test_scale_is_that_of_the_feedback_where_none_is_given(tmp_path):
    path = tmp_path / "gateway.yaml"
    path.write_text(
        "feedback: {up: {event_type: rate, value: 1},"
        " down: {event_type: rate, value: 0}}\n"
    )
    config = load_gateway_config(path)
    assert config.find_feedback("rate", 1.0) == config.feedback["up"]
    assert config.find_feedback("rate", 0.0) == config.feedback["down"]


def test_feedback_beyond_the_scale_is_refused():
    ratings = RatingScale(lowest=0.0, highest=1.0, positive_value=1.0)
    feedback = {"like": FeedbackConfig(event_type="rate", value=5.0)}
    with pytest.raises(ValueError, match=r"from 0\.0 to 1\.0.*Received: 5\.0"):
        GatewayConfig(ratings=ratings, feedback=feedback)
