"""API names that Twenty takes."""

from collections.abc import Iterator
from itertools import count

LONGEST = 63
"""Characters of a name (FACTS section 10)."""

_RESERVED = """
event events field fields index indexes link links object objects relation relations role roles search searches type
types user users workspace workspaces
"""

RESERVED = frozenset(_RESERVED.split())
"""Words Twenty refuses as names (FACTS section 10)."""

_STANDARD = """
attachment attachments blocklist blocklists calendarChannelEventAssociation calendarChannelEventAssociations
calendarEvent calendarEvents calendarEventParticipant calendarEventParticipants callRecording callRecordings
company companies dashboard dashboards message messages messageCampaign messageCampaigns
messageChannelMessageAssociation messageChannelMessageAssociations messageChannelMessageAssociationMessageFolder
messageChannelMessageAssociationMessageFolders messageList messageLists messageListMember messageListMembers
messageParticipant messageParticipants messageThread messageThreads note notes noteTarget noteTargets
opportunity opportunities person people task tasks taskTarget taskTargets timelineActivity timelineActivities
workflow workflows workflowAutomatedTrigger workflowAutomatedTriggers workflowRun workflowRuns
workflowVersion workflowVersions workspaceMember workspaceMembers
"""

STANDARD_OBJECTS = frozenset(name.lower() for name in _STANDARD.split())
"""Names of the objects every Twenty 2.21 has, singular and plural, in small letters, as its schema lists them."""


def numbered(name: str) -> Iterator[str]:
    """`name` with 2, 3, … behind it, cut so that it stays a name."""
    for number in count(2):
        yield f"{name[: LONGEST - len(str(number))]}{number}"
