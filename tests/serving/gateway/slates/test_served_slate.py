from serving.gateway.slates.candidate_finder import FoundItems
from serving.gateway.slates.served_slate import build_exposure
from serving.gateway.slates.slate_order import OrderedSlate
from serving.gateway.slates.user_arms import UserArms
from serving.gateway.slates.user_query import SlateRequest


def test_exposure_is_the_viewer_s_where_no_history_counts():
    found = FoundItems(source="popular", version=0, items=[])
    slate = OrderedSlate(items=[], exposed=(), policy="fixed")
    request = SlateRequest(viewer_id="ann", scenario="home")
    one = build_exposure(request, 5.0, found, slate, UserArms())
    other = build_exposure(request, 5.0, found, slate, UserArms())
    assert (one.user_id, one.scenario, one.timestamp) == ("ann", "home", 5.0)
    assert (one.source, one.policy) == ("popular", "fixed")
    assert one.slate_id != other.slate_id
