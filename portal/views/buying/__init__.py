"""Cart, lists and the review before an order is placed."""
