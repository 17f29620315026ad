libdunlin_core_la_SOURCES += \
	%D%/drizzle.c \
	%D%/folder.c \
	%D%/folder.h \
	%D%/layout.h \
	%D%/native.c \
	%D%/new.c \
	%D%/raw.c \
	%D%/raw.h \
	%D%/renumber.c \
	%D%/source.c \
	%D%/source.h \
	%D%/sum.c \
	%D%/text.c
