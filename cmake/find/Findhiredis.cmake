# Finds hiredis, whose older versions come without a CMake package: the target hiredis::hiredis, and hiredis_VERSION.
# hiredis_HAS_TLS tells whether libhiredis_ssl is there; its target is hiredis::hiredis_ssl.
find_path(hiredis_INCLUDE_DIR hiredis/hiredis.h)
find_library(hiredis_LIBRARY hiredis)
find_library(hiredis_ssl_LIBRARY hiredis_ssl)
mark_as_advanced(hiredis_INCLUDE_DIR hiredis_LIBRARY hiredis_ssl_LIBRARY)

if(hiredis_INCLUDE_DIR)
  file(STRINGS "${hiredis_INCLUDE_DIR}/hiredis/hiredis.h" hiredis_numbers REGEX "#define HIREDIS_(MAJOR|MINOR|PATCH) ")
  string(REGEX MATCHALL "[0-9]+" hiredis_numbers "${hiredis_numbers}")
  list(JOIN hiredis_numbers "." hiredis_VERSION)
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  hiredis
  REQUIRED_VARS hiredis_LIBRARY hiredis_INCLUDE_DIR
  VERSION_VAR hiredis_VERSION)

if(hiredis_FOUND AND NOT TARGET hiredis::hiredis)
  add_library(hiredis::hiredis UNKNOWN IMPORTED)
  set_target_properties(hiredis::hiredis PROPERTIES IMPORTED_LOCATION "${hiredis_LIBRARY}"
                                                    INTERFACE_INCLUDE_DIRECTORIES "${hiredis_INCLUDE_DIR}")
endif()
set(hiredis_HAS_TLS FALSE)
if(hiredis_FOUND AND hiredis_ssl_LIBRARY AND EXISTS "${hiredis_INCLUDE_DIR}/hiredis/hiredis_ssl.h")
  set(hiredis_HAS_TLS TRUE)
  if(NOT TARGET hiredis::hiredis_ssl)
    add_library(hiredis::hiredis_ssl UNKNOWN IMPORTED)
    set_target_properties(hiredis::hiredis_ssl PROPERTIES IMPORTED_LOCATION "${hiredis_ssl_LIBRARY}"
                                                          INTERFACE_LINK_LIBRARIES hiredis::hiredis)
  endif()
endif()
