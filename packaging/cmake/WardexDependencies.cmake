# Everything third-party comes from Debian 12; packaging/debian-packages.txt is the list.
find_package(Boost 1.81 REQUIRED)  # headers only
find_package(OpenSSL 3 REQUIRED)
find_package(nlohmann_json 3.11 REQUIRED)
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(SQLite3 3.40 REQUIRED)
find_package(CLI11 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
add_library(re2::re2 ALIAS PkgConfig::re2)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
add_library(wardex_zstd INTERFACE)
target_link_libraries(wardex_zstd INTERFACE PkgConfig::zstd)

# Asio and Beast compiled once each (src/runtime/asio.cpp, src/transport/beast.cpp), not in every file that includes them.
add_library(wardex_asio INTERFACE)
target_link_libraries(wardex_asio INTERFACE Boost::headers Threads::Threads OpenSSL::SSL OpenSSL::Crypto)
target_compile_definitions(
  wardex_asio INTERFACE BOOST_ASIO_SEPARATE_COMPILATION BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
add_library(wardex_beast INTERFACE)
target_link_libraries(wardex_beast INTERFACE wardex_asio)
target_compile_definitions(wardex_beast INTERFACE BOOST_BEAST_SEPARATE_COMPILATION)

wardex_embed(embedded_config config ${PROJECT_SOURCE_DIR}/config/gateway.yaml)
file(GLOB migrations CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/migrations/sqlite/*.sql)
wardex_embed(embedded_migrations migrations ${migrations})
wardex_embed(embedded_docs docs ${PROJECT_SOURCE_DIR}/docs/openapi.yaml)
