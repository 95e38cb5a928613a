# Installing a module as a component of the package, and the package's entry file.

# troupe_install_module(<name> <dep>...): installs troupe::<name>, and remembers what its consumers must find.
function(troupe_install_module name)
  if(NOT TROUPE_INSTALL)
    return()
  endif()
  install(
    TARGETS troupe_${name}
    EXPORT troupe_${name}
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ${name})
  install(
    EXPORT troupe_${name}
    NAMESPACE troupe::
    FILE troupe_${name}.cmake
    DESTINATION "${CMAKE_INSTALL_LIBDIR}/cmake/troupe"
    COMPONENT ${name})
  set_property(GLOBAL APPEND PROPERTY TROUPE_MODULES ${name})
  set_property(GLOBAL PROPERTY TROUPE_NEEDS_${name} ${ARGN})
endfunction()

# To be called once, behind all modules.
function(troupe_install_package)
  if(NOT TROUPE_INSTALL)
    return()
  endif()
  get_property(TROUPE_MODULES GLOBAL PROPERTY TROUPE_MODULES)
  set(TROUPE_NEEDS "")
  foreach(name IN LISTS TROUPE_MODULES)
    get_property(needs GLOBAL PROPERTY TROUPE_NEEDS_${name})
    string(REPLACE "troupe::" "" needs "${needs}")
    string(REPLACE ";" " " needs "${needs}")
    string(APPEND TROUPE_NEEDS "set(troupe_needs_${name} ${needs})\n")
  endforeach()

  include(CMakePackageConfigHelpers)
  set(folder "${CMAKE_INSTALL_LIBDIR}/cmake/troupe")
  configure_package_config_file("${PROJECT_SOURCE_DIR}/cmake/troupeConfig.cmake.in" "${PROJECT_BINARY_DIR}/troupeConfig.cmake"
                                INSTALL_DESTINATION "${folder}" NO_SET_AND_CHECK_MACRO)
  write_basic_package_version_file("${PROJECT_BINARY_DIR}/troupeConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
  install(
    FILES "${PROJECT_BINARY_DIR}/troupeConfig.cmake" "${PROJECT_BINARY_DIR}/troupeConfigVersion.cmake"
    DESTINATION "${folder}"
    COMPONENT base)
  install(
    DIRECTORY "${PROJECT_SOURCE_DIR}/cmake/find"
    DESTINATION "${folder}"
    COMPONENT base)
  install(
    DIRECTORY "${PROJECT_SOURCE_DIR}/include/troupe"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}"
    COMPONENT base)
  install(
    FILES "${PROJECT_SOURCE_DIR}/LICENSE"
    DESTINATION "${CMAKE_INSTALL_DOCDIR}"
    COMPONENT base)
endfunction()
