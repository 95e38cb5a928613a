# The words in which the folders below src/, tests/, examples/ and benchmarks/ describe themselves.
#
# troupe_module(<name> SOURCES <file>... [DEPENDS <dep>...] [PRIVATE_DEPENDS <dep>...])
#   The static library troupe::<name>, installed as a component of the same name.
# troupe_test(<name> SOURCES <file>... DEPENDS <dep>... [ARGS <arg>...] [TIMEOUT <seconds>] [LABELS <label>...])
#   A GoogleTest program and the test of the same name that runs it; labelled with its folder below tests/.
# troupe_program(<name> SOURCES <file>... DEPENDS <dep>...)
#   A program of an example or a benchmark.
#
# A <dep> is a target (troupe::core) or a package: Threads, Boost, nlohmann_json, spdlog, SQLite3, zstd, hiredis, libpqxx, OpenSSL, GTest.
# DEPENDS are what the public headers need, PRIVATE_DEPENDS what only the sources need.

# Links what DEPENDS and PRIVATE_DEPENDS name. What is not there is an error here, not at link time.
function(troupe_link target scope)
  foreach(dependency IN LISTS ARGN)
    troupe_dependency_target(${dependency} resolved)
    if(NOT TARGET ${resolved})
      message(FATAL_ERROR "${target} depends on ${dependency}, which is no target. \
If it is a module, it must come earlier in src/CMakeLists.txt.")
    endif()
    target_link_libraries(${target} ${scope} ${resolved})
  endforeach()
endfunction()

function(troupe_module name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS;PRIVATE_DEPENDS" ${ARGN})
  set(target troupe_${name})
  add_library(${target} STATIC ${arg_SOURCES})
  add_library(troupe::${name} ALIAS ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_include_directories(
    ${target}
    PUBLIC "$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>" "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>"
    PRIVATE "${PROJECT_SOURCE_DIR}/src")
  target_link_libraries(${target} PRIVATE $<BUILD_INTERFACE:troupe_compile_options>)
  troupe_link(${target} PUBLIC ${arg_DEPENDS})
  troupe_link(${target} PRIVATE ${arg_PRIVATE_DEPENDS})
  troupe_install_module(${name} ${arg_DEPENDS} ${arg_PRIVATE_DEPENDS})
endfunction()

function(troupe_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name} ${arg_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF)
  target_include_directories(${name} PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}")
  target_link_libraries(${name} PRIVATE troupe_compile_options)
  if(TROUPE_SANITIZER)
    # g++ 12 takes what a sanitizer inserts into Asio's use_future for a read of uninitialized memory.
    target_compile_options(${name} PRIVATE -Wno-maybe-uninitialized)
  endif()
  troupe_link(${name} PRIVATE ${arg_DEPENDS})
endfunction()

function(troupe_test name)
  cmake_parse_arguments(arg "" "TIMEOUT" "SOURCES;DEPENDS;ARGS;LABELS" ${ARGN})
  troupe_program(${name} SOURCES ${arg_SOURCES} DEPENDS ${arg_DEPENDS})
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}/src" "${PROJECT_SOURCE_DIR}/tests")
  target_link_libraries(${name} PRIVATE GTest::gtest GTest::gmock GTest::gtest_main)
  if(TROUPE_SANITIZER STREQUAL "address")
    # The optimiser takes longer over instrumented templates than the tests take to run without it; and what these two
    # checks find in a test's own code, the crash that follows shows as well.
    target_compile_options(${name} PRIVATE -O0 -fno-sanitize=null,alignment)
  endif()

  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY "${PROJECT_SOURCE_DIR}/tests" OUTPUT_VARIABLE folder)
  string(REGEX REPLACE "/.*" "" kind "${folder}")
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  add_test(NAME ${name} COMMAND ${TROUPE_TEST_LAUNCHER} $<TARGET_FILE:${name}> ${arg_ARGS})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${arg_TIMEOUT} LABELS "${kind};${arg_LABELS}")
endfunction()
