# `cmake --install`: library, headers, CMake package and pkg-config files. The
# package files find everything relative to themselves, so that the installed
# tree may be moved.
set(oxlws_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/libwebsockets)
set(oxlws_pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH LWS_PREFIX_FROM_CMAKE_DIR /p/${oxlws_cmake_dir} /p)
file(RELATIVE_PATH LWS_PREFIX_FROM_PC_DIR /p/${oxlws_pc_dir} /p)
string(REGEX REPLACE "/$" "" LWS_PREFIX_FROM_CMAKE_DIR "${LWS_PREFIX_FROM_CMAKE_DIR}")
string(REGEX REPLACE "/$" "" LWS_PREFIX_FROM_PC_DIR "${LWS_PREFIX_FROM_PC_DIR}")
list(TRANSFORM OXLWS_STATIC_DEPS PREPEND "-l" OUTPUT_VARIABLE oxlws_static_flags)
list(JOIN oxlws_static_flags " " LWS_STATIC_FLAGS)
set(LWS_STATIC_DEPS "${OXLWS_STATIC_DEPS}")

set(oxlws_generated ${CMAKE_BINARY_DIR}/package)
foreach(name libwebsockets-config.cmake libwebsockets-config-version.cmake LibwebsocketsTargets.cmake)
	configure_file(${CMAKE_SOURCE_DIR}/cmake/${name}.in ${oxlws_generated}/${name} @ONLY)
	install(FILES ${oxlws_generated}/${name} DESTINATION ${oxlws_cmake_dir})
endforeach()
install(FILES ${CMAKE_SOURCE_DIR}/cmake/LwsCheckRequirements.cmake DESTINATION ${oxlws_cmake_dir})
foreach(name libwebsockets.pc libwebsockets_static.pc)
	configure_file(${CMAKE_SOURCE_DIR}/cmake/${name}.in ${oxlws_generated}/${name} @ONLY)
	install(FILES ${oxlws_generated}/${name} DESTINATION ${oxlws_pc_dir})
endforeach()

install(FILES ${CMAKE_SOURCE_DIR}/docs/man/oxlws.h.3 DESTINATION ${CMAKE_INSTALL_MANDIR}/man3)
install(DIRECTORY ${LWS_INCLUDE_DIR}/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(PROGRAMS ${OXLWS_LIB_DIR}/libwebsockets.so.${LWS_SOVERSION} DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${OXLWS_LIB_DIR}/libwebsockets.so ${OXLWS_LIB_DIR}/libwebsockets.a DESTINATION ${CMAKE_INSTALL_LIBDIR})
