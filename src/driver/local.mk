libdunlin_core_la_SOURCES += %D%/builtin.c %D%/check.c %D%/driver.h %D%/folders.c %D%/folders.h \
	%D%/list.c %D%/loader.c %D%/names.c %D%/url.c %D%/url.h %D%/url_parts.h %D%/url_redact.c %D%/url_split.c
