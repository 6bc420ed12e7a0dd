# liboxlws-rustls.so: rustls' C interface, for programs that hand rustls configurations to <oxlws.h>. A second cargo
# build of the same workspace and lock file, so it is made only when asked for: -DOXLWS_RUSTLS=ON.
#
# Out: target oxlws_rustls (the object, with rustls.h and oxlws.h)
option(OXLWS_RUSTLS "build liboxlws-rustls.so: rustls configurations of the program" OFF)
if(NOT OXLWS_RUSTLS)
	return()
endif()

set(oxlws_rustls_so ${OXLWS_LIB_DIR}/liboxlws-rustls.so)
set(oxlws_rustls_include ${CMAKE_BINARY_DIR}/include-rustls)
file(MAKE_DIRECTORY ${oxlws_rustls_include})
set(oxlws_rustls_out ${OXLWS_CARGO_TARGET_DIR}/${oxlws_out_folder})
add_custom_target(oxlws_rustls_cargo ALL
	COMMAND ${CMAKE_COMMAND} -E env ${OXLWS_CARGO_ENV} ${CARGO} build ${oxlws_profile_flag} --locked -p oxlws-rustls
		--manifest-path ${CMAKE_SOURCE_DIR}/Cargo.toml --target-dir ${OXLWS_CARGO_TARGET_DIR}
		${oxlws_target_flag} ${oxlws_cargo_flags}
	COMMAND ${CMAKE_COMMAND} -E copy_if_different ${oxlws_rustls_out}/liboxlws_rustls.so ${oxlws_rustls_so}
	COMMAND ${CMAKE_COMMAND} -E copy_if_different ${oxlws_rustls_out}/rustls.h ${oxlws_rustls_include}/rustls.h
	BYPRODUCTS ${oxlws_rustls_so}
	WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
	COMMENT "cargo build (liboxlws-rustls.so)"
	USES_TERMINAL VERBATIM)
# Cargo's own lock makes two builds in one folder wait for each other; so does this, with less to read.
add_dependencies(oxlws_rustls_cargo oxlws_cargo)
if(TARGET oxlws_cargo_other)
	add_dependencies(oxlws_rustls_cargo oxlws_cargo_other)
endif()

add_library(oxlws_rustls SHARED IMPORTED GLOBAL)
set_target_properties(oxlws_rustls PROPERTIES
	IMPORTED_LOCATION ${oxlws_rustls_so}
	IMPORTED_SONAME liboxlws-rustls.so
	INTERFACE_INCLUDE_DIRECTORIES "${oxlws_rustls_include};${LWS_INCLUDE_DIR}")
add_dependencies(oxlws_rustls oxlws_rustls_cargo)

install(PROGRAMS ${oxlws_rustls_so} DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(FILES ${oxlws_rustls_include}/rustls.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
