"""All real critical points of transcendental losses by interval branch and prune, certified; start reading at `critical`."""
