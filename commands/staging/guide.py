"""What a person must know to import the staged files: the order, and what the import cannot do."""

from collections.abc import Mapping, Sequence

from adapters.reports.sheets import markdown_table
from commands.staging.sheets import Sheet

GUIDE = "README.md"

_TEXT = """# For Twenty's own import

Made of the ledger as it stood at event {position}. These files hold personal data: keep them where only you can read
them, and delete them when they are imported.

{table}
## How

1. The fields and choices must be there: `kartra-to-twenty schema apply` makes them. The import makes neither.
2. Import the files one by one, in the order of their numbers: parents first, for a record whose parent is missing is
   refused. In Twenty: open the object's list, then ⋮, Import records. A custom object has its own list.
3. Columns are called as Twenty calls its fields and are matched by themselves; look the matches over before you go on.
   Map `Id`, and of each relation only the column `… / Id`.
4. Import these files, or run `load`: not both. The ids are those that `load` would give, so that a second import of a
   file changes its records and doubles none; but what you import by hand, `rollback` does not take back.

## What the import cannot do

- Tasks and notes come without the person they belong to: Twenty imports no relation that may point at several kinds of
  records. Their text (`Body / Markdown`) may not be offered as a column; then it is left out too. `load` writes both.
- An import can make the workspace's automations fire: `kartra-to-twenty automations` lists them.
- Cells that a spreadsheet would run as a formula begin with an invisible joiner (U+200D), as in Twenty's own exports;
  Twenty takes it off again. A spreadsheet program that saves these files may change numbers and dates: import them as
  they are.

## Left out

{left_out}"""


def guide(position: int, sheets: Sequence[Sheet], left_out: Mapping[str, Mapping[str, int]], unlinked: int) -> str:
    """The text that goes with the files."""
    table = markdown_table(["file", "object", "records"], [(one.file, one.object, one.rows) for one in sheets])
    return _TEXT.format(position=position, table=table, left_out=_left_out(left_out, unlinked))


def _left_out(left_out: Mapping[str, Mapping[str, int]], unlinked: int) -> str:
    rows = [
        (name, reason.replace("_", " "), count)
        for name, reasons in left_out.items()
        for reason, count in reasons.items()
    ]
    table = markdown_table(["object", "reason", "records"], rows) if rows else "No record.\n"
    return f"{table}\nRelations left empty because their record was left out: {unlinked}.\n"
