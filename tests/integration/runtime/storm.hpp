#pragma once

#include <cstdint>
#include <exception>
#include <random>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "troupe/troupe.hpp"

namespace troupe {

/// Draws of one test, from a seed of its name and round that a failure shows.
class storm_draws {
 public:
  explicit storm_draws(std::uint64_t round)
      : seed_(round ^ of_name(::testing::UnitTest::GetInstance()->current_test_info()->name())),
        trace_(__FILE__, __LINE__, "seed " + std::to_string(seed_)),
        random_(seed_) {}

  /// 0 to `count` - 1.
  int below(int count) { return static_cast<int>(random_() % static_cast<std::uint64_t>(count)); }

 private:
  static std::uint64_t of_name(std::string_view name) {
    std::uint64_t hash = 14'695'981'039'346'656'037U;
    for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 1'099'511'628'211U;
    return hash;
  }

  std::uint64_t seed_;
  ::testing::ScopedTrace trace_;
  std::mt19937_64 random_;
};

inline runtime_options on_threads(std::size_t threads) {
  runtime_options options{.threads = threads};
  options.log = [](log_level, std::string_view) {};
  return options;
}

/// The code of the `troupe::error` that `failure` holds, which must be one.
inline errc code_in(const std::exception_ptr& failure) {
  try {
    std::rethrow_exception(failure);
  } catch (const error& found) {
    return found.kind();
  } catch (const std::exception& other) {
    ADD_FAILURE() << "not a troupe::error: " << other.what();
  }
  return {};
}

}  // namespace troupe
