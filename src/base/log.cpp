#include "base/log.hpp"

#include <memory>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace troupe::internal {

log_sink standard_error_log() {
  auto logger = std::make_shared<spdlog::logger>("troupe", std::make_shared<spdlog::sinks::stderr_color_sink_mt>());
  return [logger = std::move(logger)](log_level level, std::string_view line) {
    const spdlog::string_view_t text(line.data(), line.size());
    switch (level) {
      case log_level::debug:
        logger->debug(text);
        break;
      case log_level::info:
        logger->info(text);
        break;
      case log_level::warning:
        logger->warn(text);
        break;
      case log_level::error:
        logger->error(text);
        break;
    }
  };
}

}  // namespace troupe::internal
