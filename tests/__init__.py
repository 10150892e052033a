"""Tests: by layer, and the scenarios through the HTTP API."""
