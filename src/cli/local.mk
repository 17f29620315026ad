# Everything but main() is in a convenience library, so that unit tests can link it.
