"""The JSON API, version 1: everything under `/api/v1`, described by an OpenAPI document made from this code."""
