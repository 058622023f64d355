"""The commands of `pgb`, and what they share; importing a module of it registers its commands."""
