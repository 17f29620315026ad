script_tests += \
	%D%/headers.sh \
	%D%/symbols.sh
