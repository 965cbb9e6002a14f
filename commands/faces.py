"""The click face of what only looks into a ledger: as every other's, and quicker there."""

import click


class Looking(click.Command):
    """A command that rich_click draws the help of, and that loads it for nothing else."""

    def get_help(self, ctx: click.Context) -> str:
        """The help, drawn."""
        from rich_click import RichCommand, RichContext  # loaded where help is asked for

        drawn = RichCommand(name=self.name, help=self.help, params=self.params)
        return drawn.get_help(RichContext(drawn, info_name=ctx.info_name, parent=ctx.parent))
