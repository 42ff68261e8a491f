"""The tasks there are, in the order in which the model adds their losses."""

from trainer.tasks.ranking_task import RankingTask
from trainer.tasks.retrieval_task import RetrievalTask
from trainer.tasks.task import Task

# A further task is a further line here.
TASKS: dict[str, type[Task]] = {
    "retrieval": RetrievalTask,
    "ranking": RankingTask,
}
