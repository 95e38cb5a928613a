#pragma once

#include <exception>
#include <iostream>
#include <stdexcept>

#include <CLI/CLI.hpp>

namespace bench {

/// Reads the options of the program and runs it. Returns its exit code: what `run` returns, 1 when it throws, 2 when
/// the options make no sense.
template <typename Run>
int run_program(CLI::App& app, const char* name, int argc, char** argv, Run run) {
  app.name(name);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : 2;
  }
  try {
    return run();
  } catch (const std::invalid_argument& problem) {
    std::cerr << name << ": " << problem.what() << "\n";
    return 2;
  } catch (const std::exception& problem) {
    std::cerr << name << ": " << problem.what() << "\n";
    return 1;
  }
}

}  // namespace bench
