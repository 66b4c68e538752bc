// bench_sink: counts what arrives. Prints its ports as one line of JSON, then runs until it is killed.
#include <csignal>
#include <exception>
#include <iostream>

#include <CLI/CLI.hpp>

#include "sink/server.hpp"

int main(int argc, char** argv) {
  wardex::bench::SinkOptions options;
  CLI::App app{"Counts generated events on 127.0.0.1, by HTTP and by syslog over TCP."};
  app.add_option("--http", options.http, "Port for HTTP, HEC and bulk requests; 0: any");
  app.add_option("--syslog", options.syslog, "Port for syslog; 0: any");
  app.add_option("--admin", options.admin, "Port to ask it; 0: any");
  app.add_flag("--once-a-request", options.once_a_request, "An id counts once in a request");
  app.add_option("--delay-us", options.delay_us, "Answers come so much later");
  app.add_option("--seed", options.seed, "Of the draw of faults");
  CLI11_PARSE(app, argc, argv);
  try {
    wardex::bench::Server server(options);
    std::cout << server.ports().dump() << std::endl;
    server.run();
  } catch (const std::exception& error) {
    std::cerr << "bench_sink: " << error.what() << '\n';
    return 1;
  }
}
