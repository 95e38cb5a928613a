#include <exception>
#include <iostream>
#include <sstream>
#include <string>
#include <variant>

#include <fcntl.h>
#include <troupe/base/error.hpp>
#include <unistd.h>

#include "commands/commands.hpp"
#include "console/options.hpp"
#include "console/usage_error.hpp"
#include "reports/text.hpp"

namespace marketplace {
namespace {

exit_code run(const nothing_to_run& reason) {
  std::istringstream lines(reason.text);  // an error repeats what was typed
  for (std::string line; std::getline(lines, line);) {
    (reason.code == exit_ok ? std::cout : std::cerr) << terminal_line(line) << '\n';
  }
  return reason.code;
}

exit_code report(const std::exception& failure, exit_code code) {
  std::cerr << "marketplace: " << terminal_line(failure.what()) << std::endl;
  return code;
}

// A file opened later must not become standard output: a closed stream gets a descriptor that takes nothing.
void keep_standard_descriptors() {
  for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
    if (fcntl(descriptor, F_GETFD) == -1) static_cast<void>(open("/dev/null", O_RDONLY));
  }
}

exit_code run_command_line(int argc, char** argv) {
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

}  // namespace
}  // namespace marketplace

int main(int argc, char** argv) {
  using namespace marketplace;
  keep_standard_descriptors();
  const exit_code code = run_command_line(argc, argv);
  if (std::cout.flush()) return code;
  std::cerr << "marketplace: standard output does not take the result" << std::endl;
  return code == exit_ok ? exit_failure : code;
}
