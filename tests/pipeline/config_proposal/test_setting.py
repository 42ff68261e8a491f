from pipeline.config_proposal.setting import Setting
from pipeline.config_proposal.setting import to_values


def test_settings_below_a_key_become_a_mapping():
    settings = [Setting("a", [Setting("b", 1, "why")]), Setting("c", ["x"])]
    assert to_values(settings) == {"a": {"b": 1}, "c": ["x"]}
