# Macros by which programs state what they need of the installed library.
include(CheckCSourceCompiles)

# require_lws_config(MACRO 0|1 RESULT): is MACRO defined (1) or not defined (0) in
# <libwebsockets.h>? Sets HAS_<MACRO> (defined or not) and MET (as wanted or not).
# Where RESULT is the word `requirements`, an unmet wish ends the configuration.
macro(require_lws_config _macro _wanted _result)
	check_c_source_compiles("
#include <libwebsockets.h>
#if !defined(${_macro})
#error not defined
#endif
int main(void) { return 0; }
" HAS_${_macro})
	if((HAS_${_macro} AND "${_wanted}" STREQUAL "1") OR (NOT HAS_${_macro} AND "${_wanted}" STREQUAL "0"))
		set(MET 1)
	else()
		set(MET 0)
		if("${_result}" STREQUAL "requirements")
			if("${_wanted}" STREQUAL "1")
				message(FATAL_ERROR "${PROJECT_NAME} needs libwebsockets built with ${_macro}")
			else()
				message(FATAL_ERROR "${PROJECT_NAME} needs libwebsockets built without ${_macro}")
			endif()
		endif()
	endif()
endmacro()

# require_pthreads(RESULT): pthread.h must exist. Sets PTHREAD_LIB.
macro(require_pthreads _result)
	include(CheckIncludeFile)
	check_include_file(pthread.h LWS_HAVE_PTHREAD_H)
	if(NOT LWS_HAVE_PTHREAD_H)
		message(FATAL_ERROR "${PROJECT_NAME} needs pthreads")
	endif()
	set(PTHREAD_LIB pthread)
endmacro()

# sai_resource(...): means something only to the build machines of the original project.
macro(sai_resource)
endmacro()
