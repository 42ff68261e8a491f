"""Users whose deletion has begun, so that it is finished after a kill."""

import hashlib
import json
from pathlib import Path

from serving.gateway.behavior.log.durable_files import sync_folder
from serving.gateway.behavior.log.durable_files import write_file
from serving.gateway.behavior.log.log_line import read_record


class ForgetNotes:
    """One small file per user to delete, until the deletion is complete."""

    def __init__(self, folder: Path, key: str):
        """Makes the folder if need be.

        Args:
            folder: of these files alone.
            key: at most 64 secret ASCII characters; a file's name is a digest
                with it and reveals nothing of the user.
        """
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._key = key.encode()

    def add(self, user_id: str) -> None:
        """Records a user durably; twice is fine.

        Raises:
            OSError: the disk refused.
            ValueError: the id is not Unicode.
        """
        note = json.dumps({"user_id": user_id}).encode()
        write_file(self._name(user_id), [note])

    def list_users(self) -> list[str]:
        """Lists the users, in no particular order.

        Notes of another form, of a later version, stay for that.
        """
        notes = (
            read_record(path.read_bytes()) or {}
            for path in sorted(self._folder.glob("*.json"))
        )
        users = (note.get("user_id") for note in notes)
        return [user_id for user_id in users if isinstance(user_id, str)]

    def remove(self, user_id: str) -> None:
        """Removes a user's note; there need not be one."""
        self._name(user_id).unlink(missing_ok=True)
        sync_folder(self._folder)

    def _name(self, user_id: str) -> Path:
        digest = hashlib.blake2b(
            user_id.encode(), key=self._key, digest_size=16
        )
        return self._folder / f"{digest.hexdigest()}.json"
