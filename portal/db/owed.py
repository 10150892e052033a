"""Which orders count for what an account owes, and by how much: said once for all that add it up."""

# What was cancelled owes nothing, but money that was paid for it before is the account's.
COUNTS = "state in ('open', 'closed', 'cancelled')"
# Settled orders leave the sum: the condition of an index on `order_status`.
OWING = "(open_value > 0 or shipped_value <> invoiced_value or invoiced_value <> paid_value)"
# Invoices move it from one kind to another, payments end it.
OWED = "open_value + shipped_value - paid_value"
