// bench_loadgen: sends events with unique ids and prints one line of JSON about it. Exit status 0: all were accepted.
#include <cstdio>
#include <exception>
#include <iostream>

#include "loadgen/load.hpp"

int main(int argc, char** argv) {
  int exit_code = 0;
  const auto options = wardex::bench::parse_options(argc, argv, exit_code);
  if (!options) return exit_code;
  try {
    wardex::bench::Load load(*options);
    load.run();
    std::cout << load.report().dump() << std::endl;
    return load.complete() ? 0 : 1;
  } catch (const std::exception& error) {
    std::cerr << "bench_loadgen: " << error.what() << '\n';
    return 1;
  }
}
