# Has cargo build the library, and offers the result to this build tree as the
# imported targets `websockets_shared` and `websockets`.
#
# In:  LWS_ABI LWS_SOVERSION LWS_INCLUDE_DIR, CARGO (cache or environment),
#      OXLWS_CARGO_TARGET_DIR, OXLWS_CARGO_FLAGS
# Out: OXLWS_LIB_DIR with libwebsockets.so.NN, libwebsockets.so, libwebsockets.a

if(NOT CARGO AND DEFINED ENV{CARGO})
	set(CARGO $ENV{CARGO})
endif()
set(CARGO ${CARGO} CACHE FILEPATH "cargo to build with")
if(NOT CARGO)
	unset(CARGO CACHE)
endif()
find_program(CARGO cargo HINTS $ENV{HOME}/.cargo/bin REQUIRED)

set(OXLWS_CARGO_TARGET_DIR ${CMAKE_BINARY_DIR}/cargo CACHE PATH "target folder of cargo")
set(OXLWS_CARGO_FLAGS "" CACHE STRING "more options of cargo build, for example --offline")
set(OXLWS_CARGO_ENV "" CACHE STRING "more NAME=value for the environment of cargo")
set(OXLWS_CARGO_TRIPLE "" CACHE STRING "--target of cargo, when it must be given")
separate_arguments(oxlws_cargo_flags UNIX_COMMAND "${OXLWS_CARGO_FLAGS}")

set(oxlws_profile_dir release)
set(oxlws_profile_flag --release)
if(CMAKE_BUILD_TYPE STREQUAL "Debug")
	set(oxlws_profile_dir debug)
	set(oxlws_profile_flag)
endif()
set(oxlws_target_flag)
set(oxlws_cargo_out ${OXLWS_CARGO_TARGET_DIR}/${oxlws_profile_dir})
if(OXLWS_CARGO_TRIPLE)
	set(oxlws_target_flag --target ${OXLWS_CARGO_TRIPLE})
	set(oxlws_cargo_out ${OXLWS_CARGO_TARGET_DIR}/${OXLWS_CARGO_TRIPLE}/${oxlws_profile_dir})
endif()

set(oxlws_features)
if(LWS_ABI STREQUAL "4.1")
	list(APPEND oxlws_features abi41)
endif()
if(LWS_TLS_LOG_PLAINTEXT_TX)
	list(APPEND oxlws_features tls-log-plaintext-tx)
endif()
if(LWS_TLS_LOG_PLAINTEXT_RX)
	list(APPEND oxlws_features tls-log-plaintext-rx)
endif()
set(oxlws_feature_flag)
if(oxlws_features)
	list(JOIN oxlws_features "," oxlws_feature_list)
	set(oxlws_feature_flag --features ${oxlws_feature_list})
endif()

set(OXLWS_LIB_DIR ${CMAKE_BINARY_DIR}/lib)
set(oxlws_so ${OXLWS_LIB_DIR}/libwebsockets.so.${LWS_SOVERSION})
file(MAKE_DIRECTORY ${OXLWS_LIB_DIR})

# Cargo knows best what is out of date, so it is asked each time; the copies are
# touched only when they change, and what links them is relinked only then.
add_custom_target(oxlws_cargo ALL
	COMMAND ${CMAKE_COMMAND} -E env ${OXLWS_CARGO_ENV} ${CARGO} build ${oxlws_profile_flag} --locked --lib
		--manifest-path ${CMAKE_SOURCE_DIR}/Cargo.toml --target-dir ${OXLWS_CARGO_TARGET_DIR}
		${oxlws_target_flag} ${oxlws_feature_flag} ${oxlws_cargo_flags}
	COMMAND ${CMAKE_COMMAND} -E copy_if_different ${oxlws_cargo_out}/libwebsockets.so ${oxlws_so}
	COMMAND ${CMAKE_COMMAND} -E copy_if_different ${oxlws_cargo_out}/libwebsockets.a ${OXLWS_LIB_DIR}/libwebsockets.a
	COMMAND ${CMAKE_COMMAND} -E create_symlink libwebsockets.so.${LWS_SOVERSION} ${OXLWS_LIB_DIR}/libwebsockets.so
	BYPRODUCTS ${oxlws_so} ${OXLWS_LIB_DIR}/libwebsockets.a
	WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
	COMMENT "cargo build (ABI ${LWS_ABI})"
	USES_TERMINAL VERBATIM)

# What a program that links libwebsockets.a needs besides it.
set(OXLWS_STATIC_DEPS pthread dl m gcc_s)

add_library(websockets_shared SHARED IMPORTED GLOBAL)
set_target_properties(websockets_shared PROPERTIES
	IMPORTED_LOCATION ${oxlws_so}
	IMPORTED_SONAME libwebsockets.so.${LWS_SOVERSION}
	INTERFACE_INCLUDE_DIRECTORIES ${LWS_INCLUDE_DIR})
add_dependencies(websockets_shared oxlws_cargo)

add_library(websockets STATIC IMPORTED GLOBAL)
set_target_properties(websockets PROPERTIES
	IMPORTED_LOCATION ${OXLWS_LIB_DIR}/libwebsockets.a
	INTERFACE_INCLUDE_DIRECTORIES ${LWS_INCLUDE_DIR}
	INTERFACE_LINK_LIBRARIES "${OXLWS_STATIC_DEPS}")
add_dependencies(websockets oxlws_cargo)
