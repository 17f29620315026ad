libdunlin_core_la_SOURCES += \
	%D%/drizzle.c \
	%D%/history.h \
	%D%/read.c \
	%D%/sql.c \
	%D%/sql.h \
	%D%/table.c
