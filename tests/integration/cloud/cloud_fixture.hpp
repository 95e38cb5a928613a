#pragma once

#include <string>

#include <gtest/gtest.h>

#include "contract/clause_support.hpp"
#include "contract/store_client.hpp"
#include "support/http_fault_proxy.hpp"
#include "troupe/base/error.hpp"

namespace troupe::testing_support {

inline const actor_id acme{"seller", "acme"};

/// Expects that `open` throws, and returns the error's text.
template <typename Open>
std::string refusal_of(errc kind, Open open) {
  try {
    open()->close();
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), kind) << failure.what();
    return failure.what();
  }
  ADD_FAILURE() << "it was opened";
  return {};
}

/// Returns a rule that gives requests with `words` a fate, the first `times` of them.
inline std::function<fate(const std::string&)> spoil(std::string words, fate given, std::size_t times = 1'000'000) {
  return [words = std::move(words), given = std::move(given), left = times](const std::string& head) mutable {
    if (left == 0 || head.find(words) == std::string::npos) return fate{};
    --left;
    return given;
  };
}

}  // namespace troupe::testing_support
