"""What can be wrong with a Kartra file, each with a stable code and a way out.

    KartraError
    ├── KartraTransientError             the same call may succeed later
    │   └── ExportUnreadable             export_unreadable: the operating system refuses (rights, network drive)
    └── KartraTerminalError              the file or the folder itself must change
        ├── FolderMissing                folder_missing: nothing is there to scan
        └── ExportUnusable               this file cannot be loaded
            ├── DocumentTooLarge         document_too_large: one JSON array beyond what is held in memory
            ├── ExportEmpty              export_empty: no header, or a header without rows
            ├── ExportRepeated           export_repeated: the same bytes as another export of the folder
            ├── ExportChanged            export_changed: other bytes than those that were registered
            ├── HeaderWithoutEmail       header_without_email: a contacts export without its only mandatory column
            ├── HeaderWithoutIdentity    header_without_identity: no column that tells its rows apart
            ├── JsonBroken               json_broken: named like JSON, and none
            ├── NotAFile                 not_a_file: a folder, a pipe or a device under an export's name
            ├── PathNotText              path_not_text: bytes in its path that are no text, so no ledger can name it
            └── WrongKind                wrong_kind: not an export, or not of the kind asked for

Messages name the file, never a cell: what a row holds is personal.
"""

from pathlib import Path
from typing import ClassVar


class KartraError(Exception):
    """Something about the Kartra side of a migration, at `path`."""

    code: ClassVar[str] = "kartra_error"

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        super().__init__(f"{path.name}: {problem}; {remedy}")
        self.path = path
        self.problem = problem
        self.remedy = remedy


class KartraTransientError(KartraError):
    """The same call may succeed later."""

    code = "kartra_transient"


class ExportUnreadable(KartraTransientError):
    """The operating system refuses to open or read the file; the refusal is the cause."""

    code = "export_unreadable"

    def __init__(self, path: Path, refusal: OSError) -> None:
        super().__init__(
            path,
            f"cannot be read ({refusal.strerror or refusal})",
            "check that it is there, is yours to read, and run again",
        )
        self.refusal = refusal


class KartraTerminalError(KartraError):
    """The file or the folder itself must change."""

    code = "kartra_terminal"


class FolderMissing(KartraTerminalError):
    """Nothing is there to scan."""

    code = "folder_missing"

    def __init__(self, path: Path) -> None:
        super().__init__(path, f"there is no folder {path}", "name the folder that holds the Kartra exports")


class ExportUnusable(KartraTerminalError):
    """This file cannot be loaded as it is."""

    code = "export_unusable"


class ExportEmpty(ExportUnusable):
    """A file without a header, or with a header and no row."""

    code = "export_empty"

    def __init__(self, path: Path) -> None:
        super().__init__(path, "holds no rows", "export it again from Kartra, or take it out of the folder")


class ExportRepeated(ExportUnusable):
    """The same bytes as another export of the folder, which is loaded instead."""

    code = "export_repeated"

    def __init__(self, path: Path, twin: Path) -> None:
        super().__init__(path, f"holds the same bytes as {twin.name}", "it is loaded once; take one of the two away")
        self.twin = twin


class ExportChanged(ExportUnusable):
    """Other bytes were read than those that were registered."""

    code = "export_changed"

    def __init__(self, path: Path, expected: str, found: str) -> None:
        super().__init__(
            path,
            f"changed since it was registered (SHA-256 {expected[:12]}, now {found[:12]})",
            "put the registered file back, or start again from the new one",
        )
        self.expected = expected
        self.found = found


class HeaderWithoutEmail(ExportUnusable):
    """A contacts export without the one column every contact must have."""

    code = "header_without_email"

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            "looks like a contacts export but has no e-mail column",
            "export it again with the e-mail column",
        )


class HeaderWithoutIdentity(ExportUnusable):
    """An export of `kind` without `column`, which tells its rows apart and finds them again in a later export."""

    code = "header_without_identity"

    def __init__(self, path: Path, kind: str, column: str) -> None:
        super().__init__(
            path,
            f"looks like a {kind} export but has no column {column}",
            f"export it again with that column, or name the one that is it {column}",
        )
        self.kind = kind
        self.column = column


class JsonBroken(ExportUnusable):
    """A file named like JSON without a value that can be read; `detail` is the parser's word."""

    code = "json_broken"

    def __init__(self, path: Path, detail: str) -> None:
        super().__init__(
            path, f"cannot be read as JSON: {detail}", "write it again: one JSON value a line, or one array"
        )
        self.detail = detail


class DocumentTooLarge(ExportUnusable):
    """One JSON array that is larger than what is held in memory; sizes in bytes."""

    code = "document_too_large"

    def __init__(self, path: Path, size: int, limit: int) -> None:
        super().__init__(
            path,
            f"is one JSON array of {size} bytes, more than the {limit} that are read at once",
            "write it as JSON lines: one value a line",
        )
        self.size = size
        self.limit = limit


class NotAFile(ExportUnusable):
    """A folder, a pipe or a device under an export's name."""

    code = "not_a_file"

    def __init__(self, path: Path) -> None:
        super().__init__(path, "is no file", "leave it or take it out of the folder, nothing is read from it")


class PathNotText(ExportUnusable):
    """The file's name, or a folder it is in, holds bytes that are no text."""

    code = "path_not_text"

    def __init__(self, path: Path) -> None:
        super().__init__(path, "has a name, or is in a folder, that is no text", "rename it, and run again")


class WrongKind(ExportUnusable):
    """Not an export, or not a file of the kind asked for; `kind` is what it is instead, or None."""

    code = "wrong_kind"

    def __init__(self, path: Path, kind: str | None) -> None:
        problem = f"holds {kind}, which is not what was asked for" if kind else "is no Kartra export by its header"
        super().__init__(path, problem, "leave it or take it out of the folder, nothing is read from it")
        self.kind = kind
