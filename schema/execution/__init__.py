"""How operations are executed fast: long lists as columns of text, whole operations compiled.

Knows GraphQL and JSON, nothing of electricity. What it does not know goes to the stock executor, and
the answer parses to the same JSON either way.

- `columns`, `rows`: columns of values, and the JSON text of their rows
- `plans`, `steps`, `calls`: a selection compiled to plain calls
- `operations`, `variables`: queries that are ready to be executed again and again
- `subscriptions`, `events`, `leaves`: what subscriptions ask for, their events written as JSON
- `definitions`, `conditions`: what a document defines, and what its variables skip and include
- `executor`: the stock executor, but for rows
- `encoding`: the answer as bytes, long texts spliced in without a copy
"""
