# How everything is compiled, and the three functions that the CMakeLists files are written in.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(WARDEX_ASAN "AddressSanitizer and UndefinedBehaviorSanitizer" OFF)
option(WARDEX_TSAN "ThreadSanitizer" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

# Applied to our own code only; third-party headers come in as SYSTEM.
add_library(wardex_warnings INTERFACE)
target_compile_options(wardex_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)

add_compile_options(-fstack-protector-strong -fno-omit-frame-pointer "-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=")
add_compile_definitions($<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_definitions(_FORTIFY_SOURCE=2 _GLIBCXX_ASSERTIONS)
  # -Wrestrict, -Wstringop-overflow, -Warray-bounds and -Wmaybe-uninitialized have false positives in GCC 12's optimised std::string (GCC bug 105651); the
  # debug build keeps them.
  add_compile_options(-fstack-clash-protection -fcf-protection -Wno-restrict -Wno-stringop-overflow -Wno-array-bounds
                      -Wno-maybe-uninitialized)
  add_link_options(-Wl,-z,relro,-z,now -pie)
endif()
if(WARDEX_ASAN)
  # GCC 12 sees uninitialised members where the instrumentation has rearranged a temporary's destructor.
  add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined -Wno-maybe-uninitialized)
  add_link_options(-fsanitize=address,undefined)
endif()
if(WARDEX_TSAN)
  # GCC does not model std::atomic_thread_fence, which Asio uses only on paths we do not take.
  add_compile_options(-fsanitize=thread -Wno-tsan)
  add_link_options(-fsanitize=thread)
endif()
if(WARDEX_ASAN OR WARDEX_TSAN)
  # Frame recycling keeps two coroutine frames a thread alive and so hides use-after-free.
  add_compile_definitions(BOOST_ASIO_DISABLE_AWAITABLE_FRAME_RECYCLING)
endif()

# wardex_library(NAME DIR [PUBLIC dep...] [PRIVATE dep...] [PRECOMPILE header...]): every .cpp below DIR but tests. A dep
# that names another of our libraries is written without its wardex_ prefix. PRECOMPILE: where measured to pay.
function(wardex_library name dir)
  cmake_parse_arguments(ARG "" "" "PUBLIC;PRIVATE;PRECOMPILE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${dir}/*.cpp)
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  add_library(wardex_${name} STATIC ${sources})
  target_include_directories(wardex_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include ${PROJECT_SOURCE_DIR}/src)
  wardex_link(wardex_${name} PUBLIC ${ARG_PUBLIC})
  wardex_link(wardex_${name} PRIVATE ${ARG_PRIVATE})
  target_link_libraries(wardex_${name} PRIVATE wardex_warnings)
  if(ARG_PRECOMPILE)
    target_precompile_headers(wardex_${name} PRIVATE ${ARG_PRECOMPILE})
  endif()
endfunction()

function(wardex_link target scope)
  foreach(dep ${ARGN})
    if(dep MATCHES "::" OR dep STREQUAL "yaml-cpp")
      target_link_libraries(${target} ${scope} ${dep})
    else()
      target_link_libraries(${target} ${scope} wardex_${dep})
    endif()
  endforeach()
endfunction()

# A library per folder of connectors/, which sees include/wardex and nothing of src/; and the registry over all.
function(wardex_connectors)
  file(GLOB folders CONFIGURE_DEPENDS LIST_DIRECTORIES true ${PROJECT_SOURCE_DIR}/connectors/*)
  add_library(wardex_connectors STATIC ${PROJECT_SOURCE_DIR}/connectors/registry.cpp)
  target_include_directories(wardex_connectors PUBLIC ${PROJECT_SOURCE_DIR}/include
                                               PRIVATE ${PROJECT_SOURCE_DIR}/connectors)
  foreach(folder ${folders})
    if(IS_DIRECTORY ${folder})
      get_filename_component(name ${folder} NAME)
      file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.cpp)
      list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
      add_library(wardex_connector_${name} STATIC ${sources})
      target_include_directories(wardex_connector_${name} PUBLIC ${PROJECT_SOURCE_DIR}/include
                                                          PRIVATE ${PROJECT_SOURCE_DIR}/connectors)
      target_link_libraries(wardex_connector_${name} PUBLIC wardex_sdk PRIVATE wardex_warnings)
      target_link_libraries(wardex_connectors PRIVATE wardex_connector_${name})
    endif()
  endforeach()
  target_link_libraries(wardex_connectors PUBLIC wardex_sdk PRIVATE wardex_warnings)
endfunction()

# wardex_test(NAME DIR dep...): one GoogleTest binary of every *_test.cpp below DIR; a ctest entry per TEST().
function(wardex_test name dir)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${dir}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  add_executable(${name} ${sources})
  wardex_link(${name} PRIVATE ${ARGN})
  target_link_libraries(${name} PRIVATE GTest::gmock_main wardex_warnings)
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR}/tests ${PROJECT_SOURCE_DIR}/connectors)
  target_compile_definitions(${name} PRIVATE WARDEX_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  list(LENGTH sources count)
  if(count GREATER 3)
    target_precompile_headers(${name} PRIVATE <gmock/gmock.h> <gtest/gtest.h> <nlohmann/json.hpp>)
  endif()
  gtest_discover_tests(${name} NO_PRETTY_VALUES DISCOVERY_TIMEOUT 60 PROPERTIES TIMEOUT 600)
endfunction()

# Files as string constants: wardex_embed(TARGET NAMESPACE FILE...) gives embedded/NAMESPACE.hpp with
# `inline constexpr std::array<EmbeddedFile{name, content}>`.
function(wardex_embed target namespace)
  set(header ${PROJECT_BINARY_DIR}/embedded/embedded/${namespace}.hpp)
  add_custom_command(
    OUTPUT ${header}
    COMMAND ${CMAKE_COMMAND} -DOUT=${header} -DNAMESPACE=${namespace} "-DFILES=${ARGN}" -P
            ${PROJECT_SOURCE_DIR}/packaging/cmake/Embed.cmake
    DEPENDS ${ARGN} ${PROJECT_SOURCE_DIR}/packaging/cmake/Embed.cmake
    VERBATIM)
  add_custom_target(${target}_header DEPENDS ${header})
  add_library(wardex_${target} INTERFACE)
  add_dependencies(wardex_${target} ${target}_header)
  target_include_directories(wardex_${target} SYSTEM INTERFACE ${PROJECT_BINARY_DIR}/embedded)
endfunction()

# `wardex-gateway version` names the commit that CMake was last configured at; a tarball has none.
execute_process(COMMAND git rev-parse --short=12 HEAD WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                OUTPUT_VARIABLE WARDEX_COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
if(NOT WARDEX_COMMIT)
  set(WARDEX_COMMIT "unknown")
endif()
set_source_files_properties(${PROJECT_SOURCE_DIR}/src/api/api.cpp PROPERTIES COMPILE_DEFINITIONS
                            "WARDEX_VERSION=\"${PROJECT_VERSION}\";WARDEX_COMMIT=\"${WARDEX_COMMIT}\"")
