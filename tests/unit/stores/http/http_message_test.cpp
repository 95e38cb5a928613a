#include "stores/http/http_message.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

TEST(HttpMessage, FindsHeadersWhateverTheirCase) {
  const http_response response{200, {{"ETag", "\"1\""}, {"x-ms-retry-after-ms", "5"}}, {}};
  EXPECT_EQ(response.header("etag"), "\"1\"");
  EXPECT_EQ(response.header("X-MS-Retry-After-Ms"), "5");
  EXPECT_EQ(response.header("eta"), "");
}

TEST(HttpMessage, AuthorityNamesThePortUnlessItIsTheDefault) {
  EXPECT_EQ((http_endpoint{"db.example", "443", true, {}}.authority()), "db.example");
  EXPECT_EQ((http_endpoint{"db.example", "80", true, {}}.authority()), "db.example:80");
  EXPECT_EQ((http_endpoint{"::1", "8000", false, {}}.authority()), "[::1]:8000");
}

}  // namespace
}  // namespace troupe::internal
