import pytest

from serving.model_server.settings.server_options import ServerOptions


@pytest.mark.parametrize(
    ("limit", "num_threads", "wanted"), [(0, 8, 32), (5, 8, 5), (-1, 8, None)]
)
def test_limit_of_requests_follows_the_threads_unless_it_is_given(
    limit, num_threads, wanted
):
    options = ServerOptions(max_concurrent_requests=limit)
    assert options.limit_requests(num_threads) == wanted
