"""The tests, by behaviour. A package, because some libraries install a package of this name and would hide it."""
