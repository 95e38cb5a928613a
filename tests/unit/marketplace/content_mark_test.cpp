#include "invoices/content_mark.hpp"

#include <sstream>
#include <string>

#include <gtest/gtest.h>

namespace marketplace {
namespace {

measured_content measure_text(const std::string& text, std::uint64_t beginning_bytes) {
  std::istringstream input(text);
  return measure(input, beginning_bytes);
}

TEST(ContentMark, IsThePublishedHash) {
  EXPECT_EQ(measure_text("", 0).whole, (content_mark{0, 0xcbf29ce484222325}));
  EXPECT_EQ(measure_text("foobar", 0).whole, (content_mark{6, 0x85944171f73967e8}));
}

TEST(ContentMark, OfTheBeginningIsTheMarkOfTheFileBeforeItGrew) {
  const std::string text(200'000, 'x');
  for (const std::uint64_t bytes : {1U, 65'536U, 65'537U, 200'000U}) {
    EXPECT_EQ(measure_text(text + "more", bytes).beginning, measure_text(text.substr(0, bytes), 0).whole);
  }
  EXPECT_NE(measure_text("abd", 2).beginning, measure_text("acd", 2).beginning);
  EXPECT_EQ(measure_text("ab", 3).beginning.bytes, 2U) << "shorter than what was asked for";
}

}  // namespace
}  // namespace marketplace
