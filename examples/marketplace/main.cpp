#include <exception>
#include <iostream>
#include <variant>

#include <troupe/base/error.hpp>

#include "commands/commands.hpp"
#include "console/options.hpp"
#include "console/usage_error.hpp"

namespace marketplace {
namespace {

exit_code run(const nothing_to_run& reason) {
  (reason.code == exit_ok ? std::cout : std::cerr) << reason.text;
  return reason.code;
}

exit_code report(const std::exception& failure, exit_code code) {
  std::cerr << "marketplace: " << failure.what() << std::endl;
  return code;
}

}  // namespace
}  // namespace marketplace

int main(int argc, char** argv) {
  using namespace marketplace;
  try {
    const command chosen = parse_command_line(argc, argv, MARKETPLACE_BUNDLED_FILE);
    return std::visit([](const auto& options) { return run(options); }, chosen);
  } catch (const troupe::error& failure) {
    // The only argument the library gets that is not checked before is the URI of the store.
    return report(failure, failure.kind() == troupe::errc::invalid_argument ? exit_usage : exit_failure);
  } catch (const usage_error& failure) {
    return report(failure, exit_usage);
  } catch (const std::exception& failure) {
    return report(failure, exit_failure);
  }
}
