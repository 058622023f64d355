"""Critical points of exact problems: found by untrusted search, decided by small certified checkers."""
