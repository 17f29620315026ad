libdunlin_base_la_SOURCES += \
	%D%/arena.c \
	%D%/arena.h \
	%D%/buf.c \
	%D%/buf.h \
	%D%/checksum.c \
	%D%/checksum.h \
	%D%/duration.c \
	%D%/duration.h \
	%D%/error.c \
	%D%/error.h \
	%D%/mark.h \
	%D%/quote.c \
	%D%/quote.h \
	%D%/secret.c \
	%D%/secret.h \
	%D%/stream.c \
	%D%/stream.h \
	%D%/timestamp.c \
	%D%/timestamp.h \
	%D%/utf8.c \
	%D%/utf8.h
