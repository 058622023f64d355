def examine(posed, found, digits, seed):
    return [], (), []
