EXTRA_DIST += %D%/startup.c
