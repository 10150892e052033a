"""The buyer portal: what is happening with each part of an order, told truthfully and live."""
