"""Certificates of local minimality where the Hessian decides nothing: rules (trusted) and the search for them."""
