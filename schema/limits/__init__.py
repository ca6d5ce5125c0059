"""Limits of operations: one small rule a file, with its reason.

- of the text: `document_bytes`, `tokens`
- of the document, before it is validated (`shape` counts): `depth`, `selections`, `repeats`, `aliases`,
  `directives`, `root_fields`, `fragments`
- of the operation with its variables: `list_items`, `cost` (by `sizes`, and `introspection_cost`)
- of who asks: `introspection`, `suggestions`
- of what is executed: `operation_time`

How much may be asked for in a minute is `schema.admission`.
"""
