#include "troupe/base/error.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace troupe {
namespace {

constexpr int last = static_cast<int>(errc::commit_unknown);

TEST(Error, OnlyDoubtfulCodesMayHaveHadTheirEffect) {
  const std::set<errc> doubtful{errc::commit_unknown, errc::timeout, errc::cancelled};
  for (int code = 1; code <= last; ++code) {
    const auto kind = static_cast<errc>(code);
    EXPECT_EQ(effect_of(kind), doubtful.contains(kind) ? effect::unknown : effect::none) << code;
  }
  EXPECT_EQ(error(errc::timeout, "in the queue", effect::none).effect(), effect::none);
}

TEST(Error, EveryCodeHasItsOwnWords) {
  std::set<std::string> words;
  for (int code = 1; code <= last; ++code) words.insert(make_error_code(static_cast<errc>(code)).message());
  EXPECT_EQ(words.size(), static_cast<std::size_t>(last));
  EXPECT_STREQ(error_category().name(), "troupe");
}

TEST(Error, CarriesCodeAndText) {
  const error failure(errc::conflict, "what happened");
  EXPECT_EQ(failure.code(), errc::conflict);
  EXPECT_EQ(failure.kind(), errc::conflict);
  EXPECT_EQ(failure.effect(), effect::none);
  EXPECT_STREQ(failure.what(), "what happened");
}

TEST(Error, TellsWhetherTheSameCallMaySucceedLater) {
  for (const errc code : {errc::unavailable, errc::activation_failed, errc::shutting_down, errc::conflict,
                          errc::quarantined, errc::deadlock, errc::timeout, errc::cancelled, errc::commit_unknown}) {
    EXPECT_TRUE(may_succeed_later(code)) << make_error_code(code).message();
  }
  for (const errc code : {errc::invalid_argument, errc::unknown_type, errc::unknown_method, errc::too_large,
                          errc::not_encodable, errc::bad_state, errc::too_deep, errc::would_block}) {
    EXPECT_FALSE(may_succeed_later(code)) << make_error_code(code).message();
  }
}

}  // namespace
}  // namespace troupe
