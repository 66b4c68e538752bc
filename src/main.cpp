#include "cli/session.hpp"

int main(int argc, char** argv) { return wardex::cli::main(argc, argv); }
