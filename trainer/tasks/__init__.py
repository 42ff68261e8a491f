"""What the towers learn to do; each task is a module of its own."""

from trainer.tasks.ranking_task import RankingTask
from trainer.tasks.retrieval_task import RetrievalTask
from trainer.tasks.task import Evaluation
from trainer.tasks.task import Targets
from trainer.tasks.task import Task
from trainer.tasks.task import ValueScale

# In the order in which the model adds their losses. A further task is a
# further line here.
TASKS: dict[str, type[Task]] = {
    "retrieval": RetrievalTask,
    "ranking": RankingTask,
}

__all__ = ["TASKS", "Evaluation", "Targets", "Task", "ValueScale"]
