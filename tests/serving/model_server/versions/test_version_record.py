from serving.model_server.versions.version_record import State
from serving.protos import get_model_status_pb2


def test_states_have_the_numbers_of_the_proto():
    states = get_model_status_pb2.ModelVersionStatus.State
    assert {state.name: state.value for state in State} == {
        name: number for name, number in states.items() if number
    }
