libdunlin_core_la_SOURCES += \
	%D%/classify.c \
	%D%/classify.h \
	%D%/lexer.c \
	%D%/lexer.h \
	%D%/lexer_body.c \
	%D%/lexer_command.c \
	%D%/lexer_impl.h \
	%D%/lexer_mode.c \
	%D%/lexer_scan.c \
	%D%/options.c \
	%D%/options.h \
	%D%/script.c \
	%D%/script.h \
	%D%/substitute.c \
	%D%/substitute.h
