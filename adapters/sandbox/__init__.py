"""An embedded Twenty 2.21: the GraphQL subset an importer uses, on SQLite, over HTTP or in process.

Where things are, and what calls what (no module imports one above it in this list):

    serve      app on a socket (uvicorn)
    app        HTTP edge: bodies, faults, hooks, who asks → `graphql` or `metadata`
    metadata/  POST /metadata: `metadata.answer(workspace, call, key_state)`
    graphql/   POST /graphql: `graphql.answer(workspace, limiter, call, key_state)`
    worker     timeline rows and workflow runs, written a moment after their cause
    seed       the workflows a new workspace is born with
    workspace  the database, the data model, and the changes the model allows
    tables, catalog, model, standard, fieldtypes, protocol, settings

`call` is a `protocol.Call` (query, variables, operation name) and an answer a `protocol.Answer` (HTTP status and body).
"""
