"""The order's page and list: lines, portions, shipments, timeline, offers."""
