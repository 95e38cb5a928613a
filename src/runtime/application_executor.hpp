#pragma once

#include <chrono>
#include <cstddef>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "troupe/spi/executor.hpp"

namespace troupe::internal {

/// How an application's executor is used.
struct application_executor_options {
  std::size_t pumps_max = 1;  ///< functions deferred to it at a time
  std::shared_ptr<const spi::clock> clock;
  std::chrono::nanoseconds nap_max =
      std::chrono::nanoseconds::max();  ///< how long an alarm sleeps before it looks again
};

/// Runs actors on an executor that belongs to the application, by functions deferred to it, each of which runs a batch
/// of actors. Requires: the executor's context runs while the runtime lives, or is an `io_context` that was stopped for
/// good.
[[nodiscard]] std::shared_ptr<spi::executor> make_application_executor(boost::asio::any_io_executor executor,
                                                                       application_executor_options options);

}  // namespace troupe::internal
