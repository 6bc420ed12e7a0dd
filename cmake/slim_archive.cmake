# Copies a static library without debugging tables and bitcode, where the original changed.
#
#   cmake -DFROM=a.a -DTO=b.a -DOBJCOPY=objcopy -P slim_archive.cmake
if(EXISTS ${TO} AND NOT ${FROM} IS_NEWER_THAN ${TO})
	return()
endif()
execute_process(COMMAND ${OBJCOPY} --strip-debug --remove-section=.llvmbc --remove-section=.llvmcmd ${FROM} ${TO}.new
	RESULT_VARIABLE status ERROR_VARIABLE words)
if(NOT status EQUAL 0)
	message(FATAL_ERROR "${OBJCOPY} could not make ${TO}: ${words}")
endif()
file(RENAME ${TO}.new ${TO})
