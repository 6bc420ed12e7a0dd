# The objects that let contexts run in the loops of event libraries: one for each
# event library whose development files are there, named as the original's.
#
# Out: OXLWS_EVLIBS, the list of them (uv event glib ev sd); for each, the target
# evlib-NAME (the object) and native-NAME (the event library itself)
find_package(PkgConfig)
set(OXLWS_EVLIBS)
set(OXLWS_WITH_EVLIBS ON CACHE BOOL "build objects for event libraries that are found")

# oxlws_evlib(NAME pkg-config-name)
function(oxlws_evlib name package)
	if(TARGET native-${name} OR NOT PKG_CONFIG_FOUND)
		return()
	endif()
	pkg_check_modules(EVLIB_${name} QUIET IMPORTED_TARGET ${package})
	if(EVLIB_${name}_FOUND)
		add_library(native-${name} INTERFACE)
		target_link_libraries(native-${name} INTERFACE PkgConfig::EVLIB_${name})
	endif()
endfunction()

if(OXLWS_WITH_EVLIBS)
	oxlws_evlib(uv libuv)
	oxlws_evlib(event libevent_core)
	oxlws_evlib(event libevent)
	oxlws_evlib(glib glib-2.0)
	oxlws_evlib(sd libsystemd)
	# libev brings no pkg-config file.
	find_path(EV_INCLUDE_DIR ev.h)
	find_library(EV_LIBRARY ev)
	if(EV_INCLUDE_DIR AND EV_LIBRARY)
		add_library(native-ev INTERFACE)
		target_include_directories(native-ev INTERFACE ${EV_INCLUDE_DIR})
		target_link_libraries(native-ev INTERFACE ${EV_LIBRARY})
	endif()
endif()

foreach(name uv event glib ev sd)
	if(NOT TARGET native-${name})
		continue()
	endif()
	list(APPEND OXLWS_EVLIBS ${name})
	add_library(evlib-${name} MODULE ${CMAKE_SOURCE_DIR}/evlib/${name}.c)
	set_target_properties(evlib-${name} PROPERTIES
		PREFIX "" OUTPUT_NAME libwebsockets-evlib_${name} SUFFIX .so
		C_STANDARD 99 C_VISIBILITY_PRESET hidden
		LIBRARY_OUTPUT_DIRECTORY ${OXLWS_LIB_DIR})
	target_compile_options(evlib-${name} PRIVATE -Wall -Wextra -Wpedantic)
	target_link_libraries(evlib-${name} PRIVATE native-${name})
	install(TARGETS evlib-${name} LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endforeach()
message(STATUS "event libraries: ${OXLWS_EVLIBS}")
