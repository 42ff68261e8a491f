import json
import threading

import pytest

from serving.gateway.behavior.log.log_identity import LogIdentity


def test_numbers_rise_and_never_repeat_over_starts(tmp_path):
    taken = []
    for _ in range(3):
        identity = LogIdentity(tmp_path / "identity.json")
        for count in (1, 5, 2):
            first = identity.take(count)
            taken += range(first, first + count)
    assert taken == sorted(set(taken))
    assert taken[0] >= 1


def test_numbers_beyond_the_reserved_ones_are_reserved_too(tmp_path):
    path = tmp_path / "identity.json"
    last = LogIdentity(path).take(5_000_000) + 4_999_999
    assert LogIdentity(path).take(1) > last


def test_threads_get_different_numbers(tmp_path):
    identity = LogIdentity(tmp_path / "identity.json")
    taken = []

    def take():
        taken.extend([identity.take(1) for _ in range(500)])

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(taken)) == 2000


def test_id_stays_and_another_log_has_another(tmp_path):
    first = LogIdentity(tmp_path / "1").log_id
    assert LogIdentity(tmp_path / "1").log_id == first
    assert LogIdentity(tmp_path / "2").log_id != first


def test_a_folder_that_is_not_there_is_told(tmp_path):
    with pytest.raises(FileNotFoundError):
        LogIdentity(tmp_path / "none" / "identity.json")


def test_keys_of_a_later_version_stay(tmp_path):
    path = tmp_path / "identity.json"
    LogIdentity(path)
    later = json.loads(path.read_bytes()) | {"later": [1]}
    path.write_text(json.dumps(later))
    identity = LogIdentity(path)
    identity.take(5_000_000)
    assert json.loads(path.read_bytes())["later"] == [1]
    assert identity.log_id == later["log_id"]


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"log_id": "a"}', '{"log_id": 1, "reserved": 1}'],
)
def test_file_of_another_form_is_refused_and_stays(tmp_path, content):
    path = tmp_path / "identity.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"`log_id` and `reserved`"):
        LogIdentity(path)
    assert path.read_text() == content
