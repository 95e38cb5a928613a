#pragma once

#include <cstddef>
#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "troupe/spi/executor.hpp"

namespace troupe::internal {

/// Runs actors on an executor that belongs to the application: up to `pumps_max` functions at a time are deferred to
/// it, each of which runs a batch of actors. Requires: the executor's context runs while the runtime lives.
[[nodiscard]] std::shared_ptr<spi::executor> make_application_executor(boost::asio::any_io_executor executor,
                                                                       std::size_t pumps_max);

}  // namespace troupe::internal
