"""POST /graphql: records.

`answer` reads the document, takes a token from the bucket, and runs each root field by itself: data and errors come
together in HTTP 200, a refused root is null (GRAPHQL sections 0 and 4).
"""

from adapters.sandbox.graphql.execution import answer

__all__ = ["answer"]
