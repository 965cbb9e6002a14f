"""demo"""
import rich_click as click
command = click.command("demo")(lambda: None)
