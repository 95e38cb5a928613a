# Finds libpqxx, whose older versions come without a CMake package, and the libpq beneath it: the target libpqxx::pqxx,
# and libpqxx_VERSION.
find_path(libpqxx_INCLUDE_DIR pqxx/pqxx)
find_library(libpqxx_LIBRARY pqxx)
find_package(PostgreSQL QUIET)
mark_as_advanced(libpqxx_INCLUDE_DIR libpqxx_LIBRARY)

if(libpqxx_INCLUDE_DIR)
  file(GLOB libpqxx_version_header "${libpqxx_INCLUDE_DIR}/pqxx/version.hxx" "${libpqxx_INCLUDE_DIR}/pqxx/version")
  foreach(header IN LISTS libpqxx_version_header)
    file(STRINGS "${header}" libpqxx_line REGEX "#define PQXX_VERSION \"")
    if(libpqxx_line)
      string(REGEX REPLACE ".*\"([0-9.]+)\".*" "\\1" libpqxx_VERSION "${libpqxx_line}")
    endif()
  endforeach()
endif()

include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(
  libpqxx
  REQUIRED_VARS libpqxx_LIBRARY libpqxx_INCLUDE_DIR PostgreSQL_LIBRARY
  VERSION_VAR libpqxx_VERSION)

if(libpqxx_FOUND AND NOT TARGET libpqxx::pqxx)
  add_library(libpqxx::pqxx UNKNOWN IMPORTED)
  set_target_properties(
    libpqxx::pqxx PROPERTIES IMPORTED_LOCATION "${libpqxx_LIBRARY}" INTERFACE_INCLUDE_DIRECTORIES "${libpqxx_INCLUDE_DIR}"
                             INTERFACE_LINK_LIBRARIES PostgreSQL::PostgreSQL)
endif()
