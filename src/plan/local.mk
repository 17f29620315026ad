libdunlin_core_la_SOURCES += \
	%D%/alike.c \
	%D%/conflict.c \
	%D%/convert.c \
	%D%/convert.h \
	%D%/down_text.c \
	%D%/hash.c \
	%D%/match.c \
	%D%/plan.h \
	%D%/scan.c \
	%D%/select.c \
	%D%/shared.c
