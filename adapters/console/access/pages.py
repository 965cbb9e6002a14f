"""Plain pages for who is not let in, until the console gives its own; no style, no script, every value escaped."""

from collections.abc import Callable
from html import escape

RefusalPage = Callable[[int, str, str], str]
"""Makes the page of a refusal: status, title, message."""

LoginPage = Callable[[str, str | None], str]
"""Makes the page to log in: where to go on to, and what went wrong, if anything did. It is never given a token."""


def refusal_page(status: int, title: str, message: str) -> str:
    """A page that says why not."""
    return _page(title, f"<p>{escape(message)}</p>\n<p><small>{status}</small></p>")


def login_page(next_path: str, problem: str | None) -> str:
    """A page that asks for a token."""
    said = f'<p role="alert">{escape(problem)}</p>\n' if problem else ""
    return _page(
        "Log in",
        f'{said}<form method="post" action="/login">\n'
        '<p><label for="token">Token</label>\n'
        '<input id="token" name="token" type="password" autocomplete="off" required autofocus></p>\n'
        f'<input name="next" type="hidden" value="{escape(next_path)}">\n'
        '<p><button type="submit">Log in</button></p>\n</form>',
    )


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n</head>\n<body>\n<main>\n<h1>{escape(title)}</h1>\n{body}\n</main>\n"
        "</body>\n</html>\n"
    )
