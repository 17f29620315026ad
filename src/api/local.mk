libdunlin_core_la_SOURCES += \
	%D%/context.c \
	%D%/context.h \
	%D%/list.c \
	%D%/new.c
