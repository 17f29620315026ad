libdunlin_core_la_SOURCES += \
	%D%/batch.c \
	%D%/batch.h \
	%D%/body.c \
	%D%/body.h \
	%D%/journal.c \
	%D%/lock.c \
	%D%/migrate.c \
	%D%/migrate.h \
	%D%/place.c \
	%D%/report.c \
	%D%/run.c \
	%D%/run.h \
	%D%/session.c \
	%D%/transaction.c
