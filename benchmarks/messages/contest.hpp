#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "messages/workload.hpp"
#include "ranking.hpp"

namespace bench {

struct contest_options {
  std::vector<std::size_t> threads{1, 2};
  std::int64_t operations = 500'000;
  std::size_t rounds = 5;
  std::size_t wide = 100'000;
  std::size_t references = 100'000;
  std::string only;
  std::string json;
};

struct library {
  std::string name;
  std::function<std::unique_ptr<contestant>(scene on, std::size_t threads, std::size_t wide)> make;
};

/// Those that were found when this was built, troupe first.
[[nodiscard]] std::vector<library> libraries();

/// Runs each chosen workload with each library, round by round, so that a disturbance of the machine touches all of
/// them. Says on standard error how far it is.
[[nodiscard]] std::vector<ranking> measure(const contest_options& options, std::size_t threads,
                                           const std::vector<library>& all);

}  // namespace bench
