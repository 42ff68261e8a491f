"""What the towers learn to do; each task is a module of its own."""

from trainer.tasks.registry import TASKS
from trainer.tasks.task import Evaluation
from trainer.tasks.task import Targets
from trainer.tasks.task import Task
from trainer.tasks.task import ValueScale

__all__ = ["TASKS", "Evaluation", "Targets", "Task", "ValueScale"]
