# Has cargo build the library, and offers the result to this build tree as the
# imported targets `websockets_shared` and `websockets`.
#
# In:  LWS_ABI LWS_SOVERSION LWS_INCLUDE_DIR, CARGO (cache or environment),
#      OXLWS_CARGO_TARGET_DIR, OXLWS_CARGO_FLAGS, OXLWS_BOTH_SONAMES
# Out: OXLWS_LIB_DIR with libwebsockets.so.NN, libwebsockets.so, libwebsockets.a;
#      OXLWS_PAIR_DIR with libwebsockets.so.17 and libwebsockets.so.19, for with-oxlws

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
set(oxlws_out_folder ${oxlws_profile_dir})
if(OXLWS_CARGO_TRIPLE)
	set(oxlws_target_flag --target ${OXLWS_CARGO_TRIPLE})
	set(oxlws_out_folder ${OXLWS_CARGO_TRIPLE}/${oxlws_profile_dir})
endif()

# with-oxlws offers both products whichever this tree is for. Costs one more compilation of the crate.
set(oxlws_both_default ON)
if(CMAKE_BUILD_TYPE STREQUAL "Debug" OR OXLWS_CARGO_TRIPLE OR OXLWS_CARGO_ENV)
	set(oxlws_both_default OFF)
endif()
option(OXLWS_BOTH_SONAMES "build the shared library of the other soname as well" ${oxlws_both_default})

# oxlws_cargo_build(abi): sets oxlws_commands (what builds that product) and oxlws_out (the folder it is in then).
# The product of soname 17 has a target folder of its own inside the other's, see seed_target.sh.
function(oxlws_cargo_build abi)
	set(features)
	set(target_dir ${OXLWS_CARGO_TARGET_DIR})
	set(commands)
	if(abi STREQUAL "4.1")
		list(APPEND features abi41)
		set(target_dir ${OXLWS_CARGO_TARGET_DIR}/so17)
		set(commands COMMAND ${CMAKE_SOURCE_DIR}/cmake/seed_target.sh
			${OXLWS_CARGO_TARGET_DIR}/${oxlws_out_folder} ${target_dir}/${oxlws_out_folder})
	endif()
	if(LWS_TLS_LOG_PLAINTEXT_TX)
		list(APPEND features tls-log-plaintext-tx)
	endif()
	if(LWS_TLS_LOG_PLAINTEXT_RX)
		list(APPEND features tls-log-plaintext-rx)
	endif()
	set(feature_flag)
	if(features)
		list(JOIN features "," features)
		set(feature_flag --features ${features})
	endif()
	list(APPEND commands COMMAND ${CMAKE_COMMAND} -E env ${OXLWS_CARGO_ENV} ${CARGO} build ${oxlws_profile_flag}
		--locked --lib --manifest-path ${CMAKE_SOURCE_DIR}/Cargo.toml --target-dir ${target_dir}
		${oxlws_target_flag} ${feature_flag} ${oxlws_cargo_flags})
	set(oxlws_commands ${commands} PARENT_SCOPE)
	set(oxlws_out ${target_dir}/${oxlws_out_folder} PARENT_SCOPE)
endfunction()

set(OXLWS_LIB_DIR ${CMAKE_BINARY_DIR}/lib)
set(OXLWS_PAIR_DIR ${OXLWS_LIB_DIR}/oxlws)
set(oxlws_so ${OXLWS_LIB_DIR}/libwebsockets.so.${LWS_SOVERSION})
file(MAKE_DIRECTORY ${OXLWS_LIB_DIR} ${OXLWS_PAIR_DIR})

# The archive holds each object twice, as code and as the compiler's bitcode, and the debugging tables of
# Rust's standard library; no linker but rustc's has a use for them. Without them it is less than half.
if(CMAKE_OBJCOPY AND NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
	set(oxlws_slim ON)
else()
	set(oxlws_slim OFF)
endif()

# Cargo knows best what is out of date, so it is asked each time; the copies are
# touched only when they change, and what links them is relinked only then.
oxlws_cargo_build(${LWS_ABI})
if(oxlws_slim)
	set(oxlws_copy_archive COMMAND ${CMAKE_COMMAND} -DFROM=${oxlws_out}/libwebsockets.a -DTO=${OXLWS_LIB_DIR}/libwebsockets.a
		-DOBJCOPY=${CMAKE_OBJCOPY} -P ${CMAKE_SOURCE_DIR}/cmake/slim_archive.cmake)
else()
	set(oxlws_copy_archive COMMAND ${CMAKE_COMMAND} -E copy_if_different
		${oxlws_out}/libwebsockets.a ${OXLWS_LIB_DIR}/libwebsockets.a)
endif()
add_custom_target(oxlws_cargo ALL
	${oxlws_commands}
	COMMAND ${CMAKE_COMMAND} -E copy_if_different ${oxlws_out}/libwebsockets.so ${oxlws_so}
	${oxlws_copy_archive}
	COMMAND ${CMAKE_COMMAND} -E create_symlink libwebsockets.so.${LWS_SOVERSION} ${OXLWS_LIB_DIR}/libwebsockets.so
	COMMAND ${CMAKE_COMMAND} -E create_symlink ../libwebsockets.so.${LWS_SOVERSION}
		${OXLWS_PAIR_DIR}/libwebsockets.so.${LWS_SOVERSION}
	BYPRODUCTS ${oxlws_so} ${OXLWS_LIB_DIR}/libwebsockets.a
	WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
	COMMENT "cargo build (ABI ${LWS_ABI})"
	USES_TERMINAL VERBATIM)

if(LWS_ABI STREQUAL "4.3")
	set(oxlws_other_abi 4.1)
	set(OXLWS_OTHER_SOVERSION 17)
else()
	set(oxlws_other_abi 4.3)
	set(OXLWS_OTHER_SOVERSION 19)
endif()
set(OXLWS_OTHER_SO ${OXLWS_PAIR_DIR}/libwebsockets.so.${OXLWS_OTHER_SOVERSION})
if(OXLWS_BOTH_SONAMES)
	oxlws_cargo_build(${oxlws_other_abi})
	add_custom_target(oxlws_cargo_other ALL
		${oxlws_commands}
		COMMAND ${CMAKE_COMMAND} -E copy_if_different ${oxlws_out}/libwebsockets.so ${OXLWS_OTHER_SO}
		BYPRODUCTS ${OXLWS_OTHER_SO}
		WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
		COMMENT "cargo build (ABI ${oxlws_other_abi})"
		USES_TERMINAL VERBATIM)
	add_dependencies(oxlws_cargo_other oxlws_cargo)
endif()

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
