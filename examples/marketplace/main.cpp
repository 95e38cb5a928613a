#include <exception>
#include <iostream>
#include <variant>

#include "commands/commands.hpp"
#include "console/options.hpp"

namespace marketplace {

static exit_code run(const nothing_to_run& reason) {
  (reason.code == exit_ok ? std::cout : std::cerr) << reason.text;
  return reason.code;
}

}  // namespace marketplace

int main(int argc, char** argv) {
  try {
    const marketplace::command command = marketplace::parse_command_line(argc, argv, MARKETPLACE_BUNDLED_FILE);
    return std::visit([](const auto& chosen) { return run(chosen); }, command);
  } catch (const std::exception& failure) {
    std::cerr << "marketplace: " << failure.what() << std::endl;
    return marketplace::exit_failure;
  }
}
