# How troupe's own targets are compiled. Nothing here reaches a consumer, except that sanitizers must be linked by all.

add_library(troupe_compile_options INTERFACE)
target_compile_options(
  troupe_compile_options
  INTERFACE -Wall
            -Wextra
            -Wpedantic
            -Wconversion
            -Wshadow
            $<$<BOOL:${TROUPE_WARNINGS_ARE_ERRORS}>:-Werror>)

if(CMAKE_UNITY_BUILD)
  # What a file declares for itself is no shadow of another's names, and no part of a header, because a unity build reads both
  # in one go. The presets that compile every file alone warn of the real ones.
  target_compile_options(troupe_compile_options INTERFACE -Wno-shadow $<$<CXX_COMPILER_ID:GNU>:-Wno-subobject-linkage>)
endif()

if(TROUPE_SANITIZER STREQUAL "address")
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=address,undefined)
elseif(TROUPE_SANITIZER STREQUAL "thread")
  # ThreadSanitizer does not model std::atomic_thread_fence; Asio's fences order nothing that its mutexes do not.
  add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
  add_compile_definitions(BOOST_ASIO_DISABLE_FENCED_BLOCK)
  add_link_options(-fsanitize=thread)
elseif(NOT TROUPE_SANITIZER STREQUAL "")
  message(FATAL_ERROR "TROUPE_SANITIZER is '${TROUPE_SANITIZER}'; it may be empty, address or thread.")
endif()

if(TROUPE_CCACHE AND "${CMAKE_CXX_COMPILER_LAUNCHER}" MATCHES "^(ccache)?$")
  find_program(TROUPE_CCACHE_PROGRAM ccache)
  if(TROUPE_CCACHE_PROGRAM)
    # Sources are named by absolute path, so what one build tree compiled serves the next.
    set(CMAKE_CXX_COMPILER_LAUNCHER "${CMAKE_COMMAND}" -E env CCACHE_NOHASHDIR=1 "${TROUPE_CCACHE_PROGRAM}")
  endif()
endif()
