dunlinincludedir = $(includedir)/dunlin
dunlininclude_HEADERS = \
	%D%/dunlin.h \
	%D%/driver.h \
	%D%/error.h \
	%D%/event.h \
	%D%/version.h
