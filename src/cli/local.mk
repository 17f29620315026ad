# Everything but main() is in a convenience library, so that unit tests can link it.
dunlin_SOURCES += %D%/main.c
libdunlin_cli_la_LIBADD += $(THREAD_LIBS)
libdunlin_cli_la_SOURCES += \
	%D%/app.c \
	%D%/cmd_adopt.c \
	%D%/app.h \
	%D%/appenv.c \
	%D%/appenv.h \
	%D%/cmd_check.c \
	%D%/cmd_convert.c \
	%D%/cmd_database.c \
	%D%/cmd_down.c \
	%D%/cmd_drivers.c \
	%D%/cmd_help.c \
	%D%/cmd_new.c \
	%D%/cmd_plan.c \
	%D%/cmd_repair.c \
	%D%/cmd_renumber.c \
	%D%/cmd_status.c \
	%D%/cmd_switch.c \
	%D%/cmd_steer.c \
	%D%/cmd_up.c \
	%D%/cmd_version.c \
	%D%/color.c \
	%D%/color.h \
	%D%/conffile.c \
	%D%/confirm.c \
	%D%/conffile.h \
	%D%/deadline.c \
	%D%/deadline.h \
	%D%/env.c \
	%D%/env.h \
	%D%/escape.c \
	%D%/escape.h \
	%D%/file.c \
	%D%/file.h \
	%D%/interrupt.c \
	%D%/interrupt.h \
	%D%/options.c \
	%D%/options.h \
	%D%/settings.c \
	%D%/settings.h \
	%D%/sink.c \
	%D%/sink.h \
	%D%/sink_json.c \
	%D%/sink_progress.c \
	%D%/sink_text.c \
	%D%/text_error.c \
	%D%/text_error.h \
	%D%/text_table.c \
	%D%/text_table.h \
	%D%/values.c \
	%D%/values.h

bashcompletiondir = $(datadir)/bash-completion/completions
dist_bashcompletion_DATA = completions/dunlin
