"""Policies as the command line says them: for all objects or one; what is misspelt is refused, never ignored."""

import pytest

from adapters.mapping import load_mapping, shipped_text
from commands.errors import WrongUse
from commands.policies import policies_of


@pytest.mark.parametrize(
    ("policy", "text", "named"),
    [
        ("existing", "adpt", "hold, adopt, skip"),
        ("existing", "persn=adopt", "company, person"),
        ("deleted", "kartraTags=destroy", "kartraTag"),
        ("conflict", "person=", "keep-twenty"),
    ],
)
def test_what_is_misspelt_is_refused_with_what_could_be_said(policy: str, text: str, named: str) -> None:
    """A policy of no object would hold for nothing, in silence."""
    with pytest.raises(WrongUse) as refused:
        policies_of(load_mapping(), {policy: [text]})
    assert f"--{policy} {text}: " in str(refused.value)
    assert named in str(refused.value)


def test_the_command_line_goes_before_the_mapping() -> None:
    """Said for one object it is meant for that one; said for all, it is meant for all."""
    text = shipped_text().replace("[policies.default]", '[policies.person]\nexisting = "adopt"\n\n[policies.default]')
    config = load_mapping(text=text)
    assert policies_of(config, {}).of("person", "existing") == "adopt"
    assert policies_of(config, {"existing": ["person=skip"]}).of("person", "existing") == "skip"
    assert policies_of(config, {"existing": ["company=adopt"]}).of("kartraTag", "existing") == "hold"
    assert policies_of(config, {"existing": ["hold"]}).of("person", "existing") == "hold"
    assert policies_of(config, {"existing": ["hold", "default=skip"]}).of("company", "existing") == "skip"
