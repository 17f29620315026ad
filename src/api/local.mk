libdunlin_core_la_SOURCES += \
	%D%/adopt.c \
	%D%/check.c \
	%D%/connection.c \
	%D%/context.c \
	%D%/convert.c \
	%D%/context.h \
	%D%/database.c \
	%D%/given.c \
	%D%/list.c \
	%D%/new.c \
	%D%/renumber.c \
	%D%/steer.c \
	%D%/switch.c \
	%D%/verify.c
