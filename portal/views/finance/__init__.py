"""The finance page of the supplier: what is not billed, not paid, paid too much, disputed, or not made."""
