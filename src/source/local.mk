libdunlin_core_la_SOURCES += \
	%D%/folder.c \
	%D%/folder.h \
	%D%/layout.h \
	%D%/native.c \
	%D%/new.c \
	%D%/raw.c \
	%D%/raw.h \
	%D%/source.c \
	%D%/source.h \
	%D%/text.c
