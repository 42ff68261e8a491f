"""The tasks of the towers, one module each."""

from trainer.tasks.ranking_task import RankingTask
from trainer.tasks.retrieval_task import RetrievalTask
from trainer.tasks.task import Evaluation
from trainer.tasks.task import Targets
from trainer.tasks.task import Task
from trainer.tasks.task import ValueScale

# In the order in which the model adds their losses. To add a task, add a line
# here.
TASKS: dict[str, type[Task]] = {
    "retrieval": RetrievalTask,
    "ranking": RankingTask,
}

__all__ = ["TASKS", "Evaluation", "Targets", "Task", "ValueScale"]
